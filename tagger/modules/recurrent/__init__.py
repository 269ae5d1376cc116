"""The recurrent encoder in PyTorch.

Read in this order: ``cells`` (one step of each unit, with its equations), ``reversal`` (each sentence reversed within
its own length), ``scan`` (the steps of a layer, and their gradients), ``layer`` (one layer in both directions),
``stack`` (layers joined to an encoder).
"""

from tagger.modules.recurrent.stack import CONNECTIONS, RecurrentEncoder, Trace

__all__ = ["CONNECTIONS", "RecurrentEncoder", "Trace"]
