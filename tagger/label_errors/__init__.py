"""Labels of the data that may be wrong: found by a model that did not learn from them, and ranked.

Read in this order: ``disputes`` (where two readings of a sentence differ), ``suspects`` (how improbable the one of the
data is, and the rank), ``showing`` (as lines of JSON, and as tasks for an annotation tool).
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
