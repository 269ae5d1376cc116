"""The neural modules: plain PyTorch modules over tensors, which know nothing of label names or files.

They need the extra ``torch``.
"""

from importlib.util import find_spec

from tagger.errors import MissingExtraError

if find_spec("torch") is None:
    raise MissingExtraError("torch", "tagger.modules")
