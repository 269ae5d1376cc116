"""CharCNN: a word's vector from its characters, by convolution and maximum over time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tagger.vocabulary import PAD_ID


class CharCNN(nn.Module):
    """Character embeddings, one convolution, maximum over the word's characters (Ma & Hovy 2016, section 2.1).

    Letters: U words, C characters.

    Args:
        num_characters: ids there are, padding and unknown included.
        char_dim: width of a character's embedding.
        num_filters: width of the result.
        width: characters that one filter sees.
        dropout: on the embeddings, in training.
    """

    def __init__(
        self, num_characters: int, char_dim: int, num_filters: int, width: int, *, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_characters, char_dim, padding_idx=PAD_ID)
        self.dropout = nn.Dropout(dropout)
        self.convolution = nn.Conv1d(char_dim, num_filters, width, padding=width // 2)
        self.output_dim = num_filters
        bound = (3 / char_dim) ** 0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        nn.init.xavier_uniform_(self.convolution.weight)
        nn.init.zeros_(self.convolution.bias)  # type: ignore[arg-type]
        with torch.no_grad():
            self.embedding.weight[PAD_ID].zero_()

    def forward(self, characters: Tensor) -> Tensor:
        """Return the vectors of U words.

        Args:
            characters: ids, ``[U, C]`` with C at least 1; ``PAD_ID`` behind a word's end.

        Returns:
            ``[U, num_filters]``. Only filters centred on a real character count, so a word's vector does not
            depend on C; a word without characters is read as one padding character.
        """
        embedded = self.dropout(self.embedding(characters))  # [U, C, char_dim]
        # A filter of even width gives one position too many: the last, centred behind the word.
        filtered = self.convolution(embedded.transpose(1, 2))[
            :, :, : characters.shape[1]
        ]  # [U, num_filters, C]
        behind = characters == PAD_ID  # [U, C]
        behind[:, :1] = False
        vectors: Tensor = filtered.masked_fill(behind.unsqueeze(1), -torch.inf).amax(dim=2)
        return vectors
