"""weight_shapes: the names and shapes of the weights of a model, given its architecture."""

from __future__ import annotations

from typing import Final

from tagger.config import TaggerConfig
from tagger.features.spelling import CASINGS
from tagger.network.cells import CELLS

_WHOLE: Final = "candidate"  # the block that the cells of a memory block do not share


def weight_shapes(
    config: TaggerConfig, *, num_words: int, num_characters: int, num_labels: int, num_wide_rows: int = 0
) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight by its name in ``model.safetensors``.

    Args:
        config: the architecture.
        num_words: ids of the word vocabulary, padding and unknown included.
        num_characters: ids of the character vocabulary, padding and unknown included.
        num_labels: inner labels of the model.
        num_wide_rows: rows of weights of the wide features, if the configuration has them.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    input_dim = 0
    for name, num_rows, dim, count in (
        ("word_embedding", num_words, config.word_dim, 1),
        ("casing_embedding", len(CASINGS), config.casing_dim, 1),
        ("shape_embedding", config.hash_buckets, config.shape_dim, 1),
        (
            "affix_embedding",
            config.num_affix_columns * config.hash_buckets,
            config.affix_dim,
            config.num_affix_columns,
        ),
    ):
        if num_rows and dim:
            shapes[f"word_features.{name}.weight"] = (num_rows, dim)
            input_dim += count * dim
    if config.vector_dim:
        shapes["word_features.vectors.missing"] = (config.vector_dim,)
        if config.vectors == "tuned":
            shapes["word_features.vectors.changes.weight"] = (num_words, config.vector_dim)
        if config.vector_projection:
            shapes["word_features.vectors.projection.weight"] = (config.vector_projection, config.vector_dim)
            shapes["word_features.vectors.projection.bias"] = (config.vector_projection,)
        input_dim += config.vector_projection or config.vector_dim
    if config.char_dim:
        shapes["word_features.char_cnn.embedding.weight"] = (num_characters, config.char_dim)
        filters = (config.char_filters, config.char_dim, config.char_width)
        shapes["word_features.char_cnn.convolution.weight"] = filters
        shapes["word_features.char_cnn.convolution.bias"] = (config.char_filters,)
        input_dim += config.char_filters
    output_dim = _add_encoder(shapes, config, input_dim)
    shapes["projection.weight"] = (num_labels, output_dim)
    shapes["projection.bias"] = (num_labels,)
    shapes["decoder.transitions"] = (num_labels, num_labels)
    shapes["decoder.start_transitions"] = shapes["decoder.end_transitions"] = (num_labels,)
    if config.wide_features:
        shapes["wide.weights.weight"] = (num_wide_rows, num_labels)
    return shapes


def _add_encoder(shapes: dict[str, tuple[int, ...]], config: TaggerConfig, input_dim: int) -> int:
    """Add the shapes of the recurrent layers; return the width of the last one's output."""
    num_directions, hidden_dim = 1 + config.bidirectional, config.hidden_dim
    width = num_directions * hidden_dim
    cell = CELLS[config.cell]
    num_rows = sum(
        hidden_dim if block == _WHOLE else hidden_dim // config.cells_per_block for block in cell.blocks
    )
    for number in range(config.num_layers):
        layer = f"encoder.layers.{number}"
        handed = width + input_dim if config.connections == "skip" else width
        shapes[f"{layer}.input_weights"] = (num_directions, num_rows, handed if number else input_dim)
        shapes[f"{layer}.recurrent_weights"] = (num_directions, num_rows, hidden_dim)
        shapes[f"{layer}.bias"] = (num_directions, num_rows)
        for names, own_width in ((cell.row_weights, num_rows), (cell.unit_weights, hidden_dim)):
            for name in names:
                shapes[f"{layer}.own.{name}"] = (num_directions, own_width)
        if config.learned_initial_state:
            shapes[f"{layer}.initial_state"] = (1 + cell.has_memory, num_directions, hidden_dim)
        if number and config.connections == "highway":
            shapes[f"encoder.transform_gates.{number - 1}.weight"] = (width, width)
            shapes[f"encoder.transform_gates.{number - 1}.bias"] = (width,)
    return width * config.num_layers if config.connections == "skip" else width
