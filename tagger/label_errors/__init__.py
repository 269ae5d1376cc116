"""Finding and ranking potentially wrong labels in data, with a model that was not trained on them.

Read in this order: ``disputes`` (where two readings of a sentence differ), ``suspects`` (how improbable the reading of
the data is, and the ranking), ``showing`` (output as lines of JSON, and as tasks for an annotation tool).
"""

from tagger.label_errors.disputes import KINDS, Dispute, Kind, disputes
from tagger.label_errors.showing import Place, as_line, reason, tasks
from tagger.label_errors.suspects import Suspect, find_suspects, ranked

__all__ = [
    "KINDS",
    "Dispute",
    "Kind",
    "Place",
    "Suspect",
    "as_line",
    "disputes",
    "find_suspects",
    "ranked",
    "reason",
    "tasks",
]
