from made import Image, judged_of

from leukoscope.runtime.report.worst import worst_of


def chosen(images, count):
    return worst_of(judged_of(images).observations["int8"], count)


def image(agreement, *, flips=False):
    return Image(0, 0, 1 if flips else 0, agreement=agreement)


def test_flips_come_first_and_leave_half_to_maps_that_drift():
    images = [image(0.9, flips=True) for _ in range(5)] + [
        image(0.1),
        image(0.3),
        image(0.2),
        image(1),
    ]
    assert chosen(images, 6) == (0, 1, 2, 5, 7, 6)


def test_flips_take_what_the_others_leave():
    assert chosen([image(0.5, flips=True) for _ in range(4)] + [image(0.9)], 4) == (0, 1, 2, 4)
    assert chosen([image(0.5, flips=True) for _ in range(4)], 3) == (0, 1, 2)


def test_without_flips_the_least_agreement_comes_first():
    assert chosen([image(0.9), image(0.2), image(0.5)], 2) == (1, 2)


def test_fewer_images_than_places():
    assert chosen([image(0.9)], 6) == (0,) and chosen([], 6) == () and chosen([image(1)], 0) == ()
