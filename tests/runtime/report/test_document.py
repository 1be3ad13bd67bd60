from leukoscope.runtime.report.document import document
from leukoscope.runtime.report.markup import element


def test_a_document_loads_nothing_and_escapes_its_title():
    page = document("<script>x</script>", "p{color:red}", element("main", "a < b"))
    assert page.startswith("<!doctype html>\n<html") and "<script" not in page
    assert "default-src 'none'" in page and "p{color:red}" in page and "a &lt; b" in page
    assert page == document("<script>x</script>", "p{color:red}", element("main", "a < b"))
