"""build_model: an untrained network of the configured architecture and the right sizes."""

from __future__ import annotations

from collections.abc import Sequence

from tagger.config import TaggerConfig
from tagger.model import TaggerModel
from tagger.modules.char_cnn import CharCNN
from tagger.modules.crf import LinearChainCRF, TransitionConstraints
from tagger.modules.document_context import DocumentContext
from tagger.modules.recurrent import RecurrentEncoder
from tagger.modules.softmax import SoftmaxDecoder
from tagger.modules.wide import WideEmissions
from tagger.modules.word_features import WordFeatures
from tagger.modules.word_vectors import PretrainedVectors
from tagger.vocabulary import UNK_ID, Vocabulary


def build_model(
    config: TaggerConfig,
    *,
    words: Vocabulary,
    num_characters: int,
    constraints: TransitionConstraints | None,
    num_labels: int,
    num_wide_rows: int = 0,
) -> TaggerModel:
    """Return an untrained model.

    Args:
        config: the architecture.
        words: the word vocabulary; its counts say how often words are read as unknown.
        num_characters: ids of the character vocabulary, padding and unknown included.
        constraints: which label may follow which; None if any may.
        num_labels: L.
        num_wide_rows: rows of weights of the wide features, where the configuration has them.
    """
    char_cnn = None
    if config.char_dim:
        char_cnn = CharCNN(
            num_characters,
            config.char_dim,
            config.char_filters,
            config.char_width,
            dropout=config.char_dropout,
        )
    vectors = None
    if config.vector_dim:
        vectors = PretrainedVectors(
            config.vector_dim,
            num_tuned=len(words) if config.vectors == "tuned" else 0,
            projection=config.vector_projection,
        )
    word_features = WordFeatures(
        _counts_by_id(words),
        word_dim=config.word_dim,
        singleton_dropout=config.singleton_dropout,
        unk_alpha=config.unk_alpha,
        char_cnn=char_cnn,
        casing_dim=config.casing_dim,
        shape_dim=config.shape_dim,
        shape_buckets=config.hash_buckets,
        num_affixes=config.num_affix_columns,
        affix_dim=config.affix_dim,
        affix_buckets=config.hash_buckets,
        vectors=vectors,
    )
    encoder = RecurrentEncoder(
        word_features.output_dim,
        config.hidden_dim,
        cell=config.cell,
        num_layers=config.num_layers,
        bidirectional=config.bidirectional,
        connections=config.connections,
        dropout=config.dropout,
        recurrent_dropout=config.recurrent_dropout,
        cells_per_block=config.cells_per_block,
        learned_initial_state=config.learned_initial_state,
    )
    decoder_class = SoftmaxDecoder if config.decoder == "softmax" else LinearChainCRF
    decoder = decoder_class(num_labels, constraints=constraints)
    wide = None
    if config.wide_features:
        wide = WideEmissions(
            num_wide_rows,
            num_labels,
            feature_dropout=config.wide_dropout,
            path_dropout=config.wide_path_dropout,
        )
    document_context = None
    if config.document_context:
        document_context = DocumentContext(encoder.output_dim, num_labels, dropout=config.document_dropout)
    return TaggerModel(
        word_features,
        encoder,
        decoder,
        dropout=config.dropout,
        word_dropout=config.word_dropout,
        constrained_training=config.constrained_training,
        label_smoothing=config.label_smoothing,
        adversarial=config.adversarial,
        wide=wide,
        document_context=document_context,
    )


def _counts_by_id(words: Vocabulary) -> Sequence[int]:
    return [0] * (UNK_ID + 1) + list(words.counts)
