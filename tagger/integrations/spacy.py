"""The component of spaCy: ``nlp.add_pipe("bilstm_crf_tagger", config={"model": "runs/ner/model"})``.

It reads the tokens of a Doc and sets its entities, or the tags or parts of speech of its tokens. The model is trained
by ``tagger train`` and never by spaCy: ``nlp.update`` and ``spacy train`` leave it as it is. A saved pipeline brings
the model along as a model folder of safetensors and JSON, and no longer needs the path in its configuration.

The path in the configuration is not looked at until a model is needed, since a saved pipeline is made before its model
is read, mostly where there is no such path: ``nlp.initialize()`` tells of a mistyped one before the first Doc does.

``spacy package`` makes this package a requirement of the pipeline's, by its name and version alone, which an index may
have given to someone else's: install the wheel of this package first, then the pipeline's by ``pip install --no-deps``.

Wherever this package is installed, spaCy imports this module when it makes any pipeline: what is more than the name and
the options is imported when a component is made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from tagger.documents import CONSISTENCY, DOCUMENT_TOKENS
from tagger.errors import MissingExtraError
from tagger.inference.lookahead import BATCH_TOKENS, CACHE_MEGABYTES

try:
    from spacy.language import Language
    from spacy.pipeline import Pipe
except ModuleNotFoundError:
    raise MissingExtraError("spacy", "The component of spaCy") from None

NAME: Final = "bilstm_crf_tagger"
"""By which spaCy knows the component; ``tagger`` is one of its own."""


@Language.factory(  # type: ignore[untyped-decorator]
    NAME,
    assigns=["doc.ents", "token.ent_iob", "token.ent_type", "doc.spans", "token.pos", "token.tag"],
    default_config={
        "attribute": None,
        "overwrite": False,
        "spans_key": None,
        "thresholds": None,
        "decode": "viterbi",
        "device": "cpu",
        "batch_tokens": BATCH_TOKENS,
        "cache_megabytes": CACHE_MEGABYTES,
        "threads": 1,
        "document_consistency": CONSISTENCY,
        "document_tokens": DOCUMENT_TOKENS,
    },
)
def make_component(
    nlp: Language,
    name: str,
    model: str,
    attribute: str | None,
    overwrite: bool,
    spans_key: str | None,
    thresholds: float | dict[str, float] | str | None,
    decode: Literal["viterbi", "posterior"],
    device: str,
    batch_tokens: int,
    cache_megabytes: int,
    threads: int,
    document_consistency: float,
    document_tokens: int,
) -> Pipe:
    """Return a component, which spaCy asks for by its name.

    Args:
        nlp: the pipeline.
        name: of the component in it.
        model: the model folder, which is read when it is first needed; empty for one that comes with the pipeline.
        attribute: what is set: ``ents``, ``pos`` or ``tag``; None for what suits the labels of the model.
        overwrite: whether what is found wins over what the Doc has.
        spans_key: the group of spans that gets what is found with its probabilities, which cost time; None for none.
        thresholds: of the probability of spans, by type, or one for all: less probable ones are withheld; ``stored``
            for those of the model folder.
        decode: as in :meth:`tagger.Tagger.tag`.
        device: as in :class:`tagger.Tagger`.
        batch_tokens: likewise.
        cache_megabytes: likewise.
        threads: likewise.
        document_consistency: likewise.
        document_tokens: likewise.

    Raises:
        UsageError: if an option makes no sense.
    """
    from tagger.integrations.spacy_component import BilstmCrfTagger, ComponentSettings

    return BilstmCrfTagger(
        name,
        ComponentSettings(model, attribute, overwrite, spans_key, thresholds, decode),
        {
            "device": device,
            "batch_tokens": batch_tokens,
            "cache_megabytes": cache_megabytes,
            "threads": threads,
            "document_consistency": document_consistency,
            "document_tokens": document_tokens,
        },
    )


# As scores without a weight: in `spacy train`, which weighs those of what it trains, a weight of this component, even
# none, would take the place of another one's.
Language.set_factory_meta(
    NAME,
    replace(
        Language.get_factory_meta(NAME),
        scores=["ents_f", "ents_p", "ents_r", "ents_per_type", "tag_acc", "pos_acc"],
    ),
)
