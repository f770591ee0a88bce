"""Makes the CMYK and YCCK JPEGs of this folder and prints what libjpeg and Pillow see in them.

Origin: this script, Pillow 13.0 (libjpeg-turbo), no photograph involved. Six patches of 16x16 pixels.
Run: python make.py
"""
import io
from PIL import Image

PATCHES = [(255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (0, 0, 0, 255), (0, 0, 0, 0), (40, 90, 10, 60)]


def cmyk():
    picture = Image.new("CMYK", (96, 16))
    for k, colour in enumerate(PATCHES):
        picture.paste(colour, (16 * k, 0, 16 * k + 16, 16))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95, subsampling=0)
    return bytearray(file.getvalue())


def as_ycck(data):
    """The same samples, declared as YCCK: transform byte 2 in the Adobe segment."""
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    data[at] = 2
    return data


for name, data in [("cmyk.jpg", cmyk()), ("ycck.jpg", as_ycck(cmyk()))]:
    open(name, "wb").write(data)
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    print(name, len(data), [picture.getpixel((16 * k + 8, 8)) for k in range(6)])
