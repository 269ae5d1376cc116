import pytest
import torch
from present import present
from torch import nn

from tagger.features.vocabulary import PAD_ID
from tagger.modules.char_cnn import CharCNN


def reference(cnn, characters):
    """The same word by word: windows written out, their filters, the maximum over windows."""
    weight, bias = cnn.convolution.weight, cnn.convolution.bias
    width = weight.shape[2]
    vectors = []
    for word in characters:
        real = [int(char) for char in word if char != PAD_ID] or [PAD_ID]
        embedded = cnn.embedding.weight[real]
        around = nn.functional.pad(embedded, (0, 0, width // 2, width))
        windows = torch.stack([around[t : t + width] for t in range(len(real))])  # [T, width, char_dim]
        vectors.append((torch.einsum("twd,fdw->tf", windows, weight) + bias).amax(dim=0))
    return torch.stack(vectors)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 9])
def test_vector_is_the_maximum_over_the_windows_centred_on_the_words_characters(width):
    torch.manual_seed(0)
    cnn = CharCNN(8, 3, 5, width).eval()
    nn.init.normal_(present(cnn.convolution.bias))
    characters = torch.tensor([[2, 3, 4, 5], [6, 0, 0, 0], [7, 7, 1, 0], [0, 0, 0, 0]])
    vectors = cnn(characters)
    assert vectors.shape == (4, cnn.output_dim) == (4, 5)
    torch.testing.assert_close(vectors, reference(cnn, characters))


@pytest.mark.parametrize("width", [2, 3, 5])
def test_padding_changes_nothing(width):
    torch.manual_seed(1)
    cnn = CharCNN(9, 4, 6, width).eval()
    nn.init.normal_(present(cnn.convolution.bias))
    characters = torch.tensor([[2, 3, 4], [5, 0, 0], [0, 0, 0]])
    padded = nn.functional.pad(characters, (0, 7))
    torch.testing.assert_close(cnn(padded), cnn(characters), rtol=0, atol=1e-6)


def test_padding_is_never_learned():
    torch.manual_seed(0)
    cnn = CharCNN(5, 3, 4, 3)
    assert cnn.embedding.weight[PAD_ID].count_nonzero() == 0
    cnn(torch.tensor([[2, 0, 0], [0, 0, 0]])).sum().backward()
    assert present(cnn.embedding.weight.grad)[PAD_ID].count_nonzero() == 0
    assert present(cnn.embedding.weight.grad)[2].count_nonzero() > 0


def test_no_words_give_no_vectors():
    assert CharCNN(5, 3, 4, 3)(torch.zeros(0, 1, dtype=torch.long)).shape == (0, 4)


@pytest.mark.parametrize("width", [1, 3])
def test_its_input_is_not_changed(width):
    characters = torch.tensor([[2, 0], [0, 0]])
    CharCNN(5, 3, 4, width)(characters)
    assert characters.tolist() == [[2, 0], [0, 0]]


def test_dropout_acts_in_training_alone():
    torch.manual_seed(0)
    cnn = CharCNN(5, 6, 4, 3, dropout=0.5)
    characters = torch.tensor([[2, 3, 4]])
    assert not torch.equal(cnn(characters), cnn(characters))
    cnn.eval()
    assert torch.equal(cnn(characters), cnn(characters))


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_the_way_without_dropout_has_the_values_and_gradients_of_the_one_with_it(width):
    torch.manual_seed(0)
    cnn = CharCNN(9, 4, 6, width).double()
    nn.init.normal_(present(cnn.convolution.bias))
    lengths = torch.arange(40).unsqueeze(1) % 8
    characters = torch.randint(1, 9, (40, 7)).masked_fill(torch.arange(7) >= lengths, PAD_ID)
    weights = torch.randn(40, 6, dtype=torch.double)
    results = []
    for way in (cnn, cnn._convolve):
        cnn.zero_grad()
        vectors = way(characters)
        (vectors * weights).sum().backward()
        results.append([vectors, *(parameter.grad for parameter in cnn.parameters())])
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected)


def test_windows_that_are_equally_strong_learn_as_one():
    torch.manual_seed(0)
    once, twice = CharCNN(5, 3, 4, 3), CharCNN(5, 3, 4, 3)
    twice.load_state_dict(once.state_dict())
    for cnn, characters in ((once, [[2, 2, 2]]), (twice, [[2, 2, 2, 2, 2]])):
        (cnn(torch.tensor(characters)) * torch.tensor([-2.0, -1.0, 1.0, 2.0])).sum().backward()
    torch.testing.assert_close(twice.convolution.weight.grad, once.convolution.weight.grad)


def test_gradients_of_half_precision_are_summed_in_single():
    torch.manual_seed(0)
    exact, half = CharCNN(5, 3, 4, 3), CharCNN(5, 3, 4, 3)
    half.load_state_dict(exact.state_dict())
    # A sum in bfloat16 would end at 256, where one more is too little.
    characters = torch.full((3000, 2), 2)
    exact(characters).sum().backward()
    half.bfloat16()
    vectors = half(characters)
    vectors.sum(dtype=torch.float32).backward()
    assert vectors.dtype == torch.bfloat16
    learned, expected = (present(cnn.embedding.weight.grad).float() for cnn in (half, exact))
    torch.testing.assert_close(learned, expected, rtol=0.05, atol=10)
