import json

from stand_ins import blob_field, result_of

from leukoscope.runtime.tally import Tally


def test_counts_add_up():
    tally = Tally()
    tally.add(result_of(blob_field(), flags=("low_probability",)))
    tally.add(result_of(blob_field(((60, 60, 30, 16),))))
    tally.unreadable.append("x.png is empty")
    tally.close()
    got = json.loads(json.dumps(tally.to_json()))
    assert got["schema"] == 1 and got["fields"] == 2 and got["stages"] == {"Early": 2}
    assert got["cells"] == {"blast": 3} and got["flags"] == {"low_probability": 1}
    assert got["unreadable"] == ["x.png is empty"] and got["stopped"] is False
    words = tally.in_words()
    assert words.startswith("2 fields (2 Early); 3 white cells: 3 blast; 1 left out; ")
    assert words.endswith(" s")


def test_time_stops_at_the_end():
    tally = Tally()
    tally.close()
    assert tally.seconds == tally.seconds >= 0
