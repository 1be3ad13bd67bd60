from stand_in import Script, library

from leukoscope.runtime.engines import logger
from leukoscope.runtime.engines.logger import ERRORS_KEPT, listening, process_logger


def fresh(monkeypatch):
    monkeypatch.setattr(logger, "_LOGGERS", {})
    monkeypatch.setattr(logger, "_EARS", {})
    return library(Script())


def test_messages_are_sorted(monkeypatch):
    with listening(fresh(monkeypatch)) as heard:
        for severity, text in enumerate(
            ["worst", "bad", "careful", "so it is", "Layers:\nName: a"]
        ):
            heard.logger.log(severity, text)
    assert heard.errors == ["worst", "bad"]
    assert heard.warnings == ["careful"]
    assert heard.listing == "Layers:\nName: a"


def test_a_process_has_one_logger_and_the_inner_listener_hears(monkeypatch):
    trt = fresh(monkeypatch)
    with listening(trt) as outer:
        with listening(trt) as inner:
            inner.logger.log(1, "inside")
        outer.logger.log(1, "outside")
    assert inner.logger is outer.logger is process_logger(trt)
    assert (inner.errors, outer.errors) == (["inside"], ["outside"])


def test_nobody_listens_and_nothing_is_printed(monkeypatch, capfd):
    process_logger(fresh(monkeypatch)).log(1, "an error")
    assert capfd.readouterr() == ("", "")


def test_a_flood_is_cut(monkeypatch):
    with listening(fresh(monkeypatch)) as heard:
        for number in range(ERRORS_KEPT + 50):
            heard.logger.log(1, str(number))
    assert heard.errors == [str(number) for number in range(ERRORS_KEPT)]
