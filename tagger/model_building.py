"""Build the PyTorch model of a configuration: untrained, or with the weights of a model folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from tagger.config import TaggerConfig
from tagger.errors import UsageError
from tagger.features import Featurizer
from tagger.features.vocabulary import UNK_ID, LabelVocabulary, Vocabulary
from tagger.model import TaggerModel
from tagger.modules.char_cnn import CharCNN
from tagger.modules.crf import LinearChainCRF, TransitionConstraints
from tagger.modules.recurrent import RecurrentEncoder
from tagger.modules.softmax import SoftmaxDecoder
from tagger.modules.wide import WideEmissions
from tagger.modules.word_features import WordFeatures
from tagger.modules.word_vectors import PretrainedVectors
from tagger.schemes import LabelScheme, allowed_transitions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tagger.model_parts import ModelParts


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
        words: the word vocabulary; its counts determine how often words are replaced by the unknown word in training.
        num_characters: size of the character vocabulary, including padding and unknown.
        constraints: allowed transitions; None if all are.
        num_labels: L.
        num_wide_rows: rows of the weights of wide features, if the configuration has them.
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
    return TaggerModel(
        word_features,
        encoder,
        decoder,
        dropout=config.dropout,
        word_dropout=config.word_dropout,
        constrained_training=config.constrained_training,
        wide=wide,
    )


def _counts_by_id(words: Vocabulary) -> Sequence[int]:
    return [0] * (UNK_ID + 1) + list(words.counts)


def untrained_model(config: TaggerConfig, featurizer: Featurizer, labels: LabelVocabulary) -> TaggerModel:
    """Return a freshly initialised model for the vocabularies of a featurizer.

    Args:
        config: the architecture; its scheme is resolved, never ``auto``.
        featurizer: the vocabularies.
        labels: the internal labels of the model.
    """
    return build_model(
        config,
        words=featurizer.words,
        num_characters=len(featurizer.characters),
        constraints=allowed_transitions(labels.items, LabelScheme.parse(config.scheme)),
        num_labels=len(labels),
        num_wide_rows=featurizer.wide.num_rows if featurizer.wide is not None else 0,
    )


def model_with_weights(parts: ModelParts) -> TaggerModel:
    """Return the model with copies of the weights, in evaluation mode, on the CPU."""
    with torch.device("meta"), _NoNormalDraws():
        # Shapes only: initial weights would be replaced at once.
        model = untrained_model(parts.config, parts.featurizer, parts.labels)
    weights = {name: torch.from_numpy(np.array(array)) for name, array in parts.weights.items()}
    model.load_state_dict(weights, assign=True)
    model.decoder.constraints = parts.constraints
    return model.eval()


def weights_of(model: TaggerModel) -> dict[str, NDArray[Any]]:
    """Return copies of the weights by name, without the constraints, which follow from labels and scheme."""
    return {
        name: np.array(tensor.numpy(force=True))
        for name, tensor in model.state_dict().items()
        if not name.startswith("decoder.allowed_")
    }


def usable_device(name: str) -> torch.device:
    """Return the device, after testing it with a small tensor.

    Raises:
        UsageError: if torch does not know it or cannot use it here.
    """
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"device: {name!r} cannot be used here: {reason}") from None
    return device


class _NoNormalDraws(TorchFunctionMode):
    """Skips the initialisation of embeddings: on meta tensors it would import torch's compiler, which takes seconds."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return None if func is nn.init.normal_ else func(*args, **(kwargs or {}))
