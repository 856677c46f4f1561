"""Pictures of rectangles on black, for the detectors of detector_networks.py."""

from __future__ import annotations

import dataclasses
import io
import pathlib

from PIL import Image, ImageChops, ImageDraw, ImageOps

Box = tuple[int, int, int, int]
RED, GREEN, BLUE = (230, 0, 0), (0, 220, 0), (0, 0, 210)  # red to 0.90, green to 0.86, blue to 0.82
BREAKING = (255, 0, 0)  # what breaks a network that is to break
TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@dataclasses.dataclass(frozen=True)
class Scene:
    """A picture of `size`, upright, and what is on it: pairs of a colour and a box, x2 and y2 outside it."""

    size: tuple[int, int]
    things: tuple[tuple[tuple[int, int, int], Box], ...] = ()

    def image(self) -> Image.Image:
        image = Image.new("RGB", self.size)
        for colour, (x1, y1, x2, y2) in self.things:
            # Channels add up, so that things may overlap and still be seen whole.
            layer = Image.new("RGB", self.size)
            ImageDraw.Draw(layer).rectangle((x1, y1, x2 - 1, y2 - 1), fill=colour)
            image = ImageChops.lighter(image, layer)
        return image

    def png(self) -> bytes:
        return _saved(self.image(), "PNG", compress_level=1)

    def jpeg(self, orientation: int = 1) -> bytes:
        """Stored turned as `orientation` says, so that it is upright as it is shown."""
        turn = TURNS[orientation]
        stored = self.image() if turn is None else self.image().transpose(turn)
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = _saved(stored, "JPEG", quality=95, subsampling=0, exif=exif.tobytes())
        assert ImageOps.exif_transpose(Image.open(io.BytesIO(data))).size == self.size
        return data

    def write(self, path: pathlib.Path) -> pathlib.Path:
        path.write_bytes(self.png())
        return path


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
