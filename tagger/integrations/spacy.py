"""The spaCy component: ``nlp.add_pipe("bilstm_crf_tagger", config={"model": "runs/ner/model"})``.

It reads the tokens of a Doc and sets its entities, or the tags or parts of speech of its tokens. The model is trained
by ``tagger train`` and never by spaCy: ``nlp.update`` and ``spacy train`` leave it unchanged. A saved pipeline
includes the model as a model folder of safetensors and JSON, and no longer needs the path in its configuration.

The path in the configuration is not checked until a model is needed, since spaCy builds a saved pipeline before reading
its model, often where the path does not exist: call ``nlp.initialize()`` to detect a mistyped one before the first Doc.

``spacy package`` makes this package a requirement of the pipeline by name and version alone, which may belong to
another package on an index: install the wheel of this package, then the pipeline's with ``pip install --no-deps``.

Wherever this package is installed, spaCy imports this module when it builds any pipeline, so everything but the name
and the options is imported only when a component is created.
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
"""The component's name in spaCy; ``tagger`` is one of spaCy's own."""


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
    """Return a component; spaCy calls this by the component's name.

    Args:
        nlp: the pipeline.
        name: name of the component in it.
        model: the model folder, read when first needed; empty if the model comes with the pipeline.
        attribute: the attribute to set: ``ents``, ``pos`` or ``tag``; None for the one that suits the model's labels.
        overwrite: whether predictions take precedence over existing annotations of the Doc.
        spans_key: the span group to fill with the spans and their probabilities, which cost time; None for none.
        thresholds: minimum probability of spans, by type or one for all; less probable spans are withheld. ``stored``
            for those of the model folder.
        decode: as in :meth:`tagger.Tagger.tag`.
        device: as in :class:`tagger.Tagger`.
        batch_tokens: as in :class:`tagger.Tagger`.
        cache_megabytes: as in :class:`tagger.Tagger`.
        threads: as in :class:`tagger.Tagger`.
        document_consistency: as in :class:`tagger.Tagger`.
        document_tokens: as in :class:`tagger.Tagger`.

    Raises:
        UsageError: if an option is invalid.
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


# Scores without weights: in `spacy train`, which weights the scores of the components it trains, any weight of this
# component, even zero, would replace another one's.
Language.set_factory_meta(
    NAME,
    replace(
        Language.get_factory_meta(NAME),
        scores=["ents_f", "ents_p", "ents_r", "ents_per_type", "tag_acc", "pos_acc"],
    ),
)
