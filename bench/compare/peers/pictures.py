"""How the Python services make the network's input of a picture: OpenCV, JPEG decoded at the smallest scale that suffices."""

import cv2
import numpy as np

SIDE = 224
REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # the markers that tell a JPEG's size

cv2.setNumThreads(1)  # pictures run side by side already


def jpeg_short_side(data: bytes) -> int:
    """0 where it is no JPEG, or an odd one."""
    at = 2
    while data[:2] == b"\xff\xd8" and at + 9 < len(data) and data[at] == 0xFF:
        if data[at + 1] in FRAMES:
            return min(int.from_bytes(data[at + 5:at + 7]), int.from_bytes(data[at + 7:at + 9]))
        at += 2 + int.from_bytes(data[at + 2:at + 4])
    return 0


def network_input(data: bytes) -> np.ndarray:
    """The whole picture, squashed, as the birds network wants it: 1 × 224 × 224 × 3, RGB."""
    short = jpeg_short_side(data)
    scale = next((scale for scale in (8, 4, 2) if short >= scale * SIDE), 1)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), REDUCED.get(scale, cv2.IMREAD_COLOR))
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2RGB)[None]
