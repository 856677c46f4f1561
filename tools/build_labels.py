"""The names of ImageNet's 1000 classes, out of the Python package timm (read as an archive, not installed)."""

import zipfile


def imagenet_labels(wheel: zipfile.ZipFile) -> list[str]:
    """WordNet's names for each class, in the order of the network's outputs: `great grey owl, …, Strix nebulosa`."""
    synsets = wheel.read("timm/data/_info/imagenet_synsets.txt").decode().split()
    rows = wheel.read("timm/data/_info/imagenet_synset_to_lemma.txt").decode().strip().splitlines()
    names = dict(row.split("\t")[:2] for row in rows)
    labels = [names[s] for s in synsets]
    if len(labels) != 1000:
        raise ValueError(f"{len(labels)} labels instead of 1000")
    return labels
