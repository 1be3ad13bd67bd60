import pytest

from leukoscope.errors import UsageError
from leukoscope.runtime.settings import Settings


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"backend": "tensorflow"}, "onnxruntime-cpu"),
        ({"voter": "me"}, "trees"),
        ({"explain": "shap"}, "gradcam, trees"),
        ({"explain": "trees", "voter": "head"}, "the trees as the voter"),
        ({"threads": 0}, "1 or more"),
    ],
)
def test_a_wrong_choice_is_a_usage_error_that_names_the_right_ones(wrong, named):
    with pytest.raises(UsageError, match=named):
        Settings(**wrong)


def test_the_default_is_what_is_best_of_what_there_is():
    assert Settings() == Settings(None, "auto", "auto", None, False)
