"""A folder of JPEG pictures to load: clouds of colour with the spectrum of photographs, in ten classes."""
import pathlib

import numpy
from PIL import Image

WIDTH, HEIGHT = 500, 375  # of the files, about that of ImageNet's median
SIZE = 64                 # of what is loaded
CLASSES, EACH = 10, 60


def picture(generator):
    """Noise whose spectrum falls like that of a photograph: at this quality a file has the 45 KB that one would have."""
    frequency = numpy.hypot(numpy.fft.fftfreq(HEIGHT)[:, None], numpy.fft.rfftfreq(WIDTH)[None])
    frequency[0, 0] = 1

    def cloud():
        spectrum = numpy.fft.rfft2(generator.standard_normal((HEIGHT, WIDTH))) / frequency**1.6
        plane = numpy.fft.irfft2(spectrum, (HEIGHT, WIDTH))
        return (plane - plane.mean()) / plane.std()

    planes = numpy.stack([cloud() * 55 + 127, cloud() * 20 + 128, cloud() * 20 + 128], -1)
    return Image.fromarray(planes.clip(0, 255).astype(numpy.uint8), "YCbCr")


def make(folder):
    """Writes the folder unless it is there whole."""
    folder = pathlib.Path(folder)
    done = folder.with_suffix(".done")
    if done.exists():
        return
    generator = numpy.random.default_rng(1)
    for label in range(CLASSES):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        for i in range(EACH):
            picture(generator).save(folder / str(label) / f"{i}.jpg", quality=90)
    done.touch()
