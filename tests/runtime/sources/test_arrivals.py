from hypothesis import given
from hypothesis import strategies as st
from scripted_camera import S

from leukoscope.runtime.sources.arrivals import Arrivals, Stamp


def stamp(size=1, mtime=1, inode=1):
    return Stamp(mtime, size, inode)


def look(arrivals, now_s, **files):
    """What is ready; `files` are all images in the folder."""
    stamps = {n: s for n, s in files.items() if n not in arrivals.present_known}
    return arrivals.look(set(files), stamps, int(now_s * S))


def test_a_file_is_ready_when_it_has_not_changed_for_a_while():
    arrivals = Arrivals({}, settle_s=1, give_up_s=10)
    assert look(arrivals, 0, a=stamp(10)) == []
    assert look(arrivals, 0.9, a=stamp(20)) == [], "it grew"
    assert look(arrivals, 1.8, a=stamp(20)) == []
    assert look(arrivals, 1.9, a=stamp(20)) == ["a"]
    arrivals.take("a")
    assert look(arrivals, 5, a=stamp(20)) == [] and arrivals.seen == 1 and arrivals.waiting == 0


def test_a_slow_file_holds_no_other_back():
    arrivals = Arrivals({}, 1, 10)
    look(arrivals, 0, slow=stamp(1), quick=stamp(5))
    assert look(arrivals, 1, slow=stamp(2), quick=stamp(5)) == ["quick"]


def test_files_come_in_the_order_in_which_they_came_to_rest():
    arrivals = Arrivals({}, 1, 10)
    look(arrivals, 0, b=stamp(mtime=3), c=stamp(mtime=2))
    look(arrivals, 0.5, a=stamp(mtime=1), b=stamp(mtime=3), c=stamp(mtime=2))
    files = {"a": stamp(mtime=1), "b": stamp(mtime=3), "c": stamp(mtime=2)}
    assert look(arrivals, 9, **files) == ["c", "b", "a"]


def test_an_unreadable_file_is_tried_again_ever_more_rarely_and_given_up_in_the_end():
    arrivals = Arrivals({}, settle_s=1, give_up_s=10)
    tries, final, now_s = [], False, 0.0
    while not final and now_s < 100:
        for name in look(arrivals, now_s, a=stamp()):
            tries.append(now_s)
            final = arrivals.fail(name, int(now_s * S))
        now_s += 0.25
    assert tries == [1.0, 1.5, 2.5, 4.5, 8.5, 10.0] and final
    assert arrivals.waiting == 0 and look(arrivals, 200, a=stamp()) == []


def test_a_file_that_changes_is_given_time_again():
    arrivals = Arrivals({}, 1, 10)
    look(arrivals, 0, a=stamp(1))
    look(arrivals, 9, a=stamp(2))
    assert not arrivals.fail("a", 12 * S) and arrivals.seen == 1
    assert arrivals.fail("a", 19 * S)


def test_a_file_that_is_deleted_before_it_is_read_is_counted():
    arrivals = Arrivals({}, 1, 10)
    look(arrivals, 0, a=stamp(), b=stamp())
    assert look(arrivals, 2, b=stamp()) == ["b"]
    assert (arrivals.seen, arrivals.deleted, arrivals.waiting) == (2, 1, 1)


def test_what_was_there_is_left_out_and_a_new_file_of_its_name_is_not():
    arrivals = Arrivals({"a": stamp(1)}, 1, 10)
    assert look(arrivals, 0, a=stamp(1)) == [] and look(arrivals, 5, a=stamp(1)) == []
    look(arrivals, 6)
    assert look(arrivals, 7, a=stamp(9)) == [] and look(arrivals, 8, a=stamp(9)) == ["a"]
    arrivals.take("a")
    assert arrivals.seen == 1


def test_a_share_that_is_mounted_again_shows_no_file_twice():
    arrivals = Arrivals({"old": stamp(1)}, 0, 10)
    assert look(arrivals, 0, old=stamp(1), new=stamp(2)) == ["new"]
    arrivals.take("new")
    look(arrivals, 1)  # an empty mount point
    back = {"old": stamp(1, inode=70), "new": stamp(2, inode=71)}
    assert look(arrivals, 2, **back) == [] and look(arrivals, 9, **back) == []
    assert arrivals.seen == 1 and arrivals.known() == {"old": stamp(1), "new": stamp(2)}


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3), max_size=4),
            st.sets(st.sampled_from("abcd")),
        ),
        max_size=20,
    )
)
def test_every_file_that_was_seen_is_taken_dropped_or_waits(looks):
    arrivals, taken, failed = Arrivals({}, 1, 3), 0, 0
    for now_s, (files, readable) in enumerate(looks):
        present = {name: stamp(size) for name, size in files.items()}
        for name in look(arrivals, now_s, **present):
            if name in readable:
                arrivals.take(name)
                taken += 1
            else:
                failed += arrivals.fail(name, now_s * S)
        assert arrivals.seen == taken + failed + arrivals.deleted + arrivals.waiting
