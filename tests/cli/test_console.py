from leukoscope.cli.console import printable, progress


def test_what_could_steer_the_terminal_is_not_printed(capsys):
    with progress() as bars:
        bars.note("left out: a\x1b[2Jb\udcff.png [bold]")
    assert capsys.readouterr().err == "left out: a\ufffd[2Jb\ufffd.png [bold]\n"


def test_letters_of_any_script_stay():
    assert printable("Prøve 1 (血液).png") == "Prøve 1 (血液).png"
