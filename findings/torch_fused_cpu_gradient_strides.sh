#!/usr/bin/env bash
# PyTorch's fused optimisers on the CPU read a gradient in the parameter's memory order.
#
# Expected: a gradient that lies in memory in another order than its parameter
#   (a transposed view, Fortran order) is used by its values, as the ordinary
#   implementation of the same optimiser does, or is refused.
# Happens: with fused=True, Adam, AdamW, SGD and Adagrad on the CPU pair the
#   numbers of the two as they lie in memory: elements are updated by the
#   gradients of other elements. There is no error, and the norm of the
#   gradient is right, so clipping and logs look well.
# Hurts: training steps that take gradients by torch.autograd.grad and assign
#   them (gradients of several parts or threads added up, meta-learning,
#   gradients from elsewhere). backward() hides it: it copies a gradient into
#   the parameter's layout when it accumulates it.
# Instead: parameter.grad = torch.empty_like(parameter).copy_(gradient).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6

"$work/venv/bin/python" - <<'PY'
import torch

print("torch", torch.__version__)
factors = torch.tensor([[1.0, 4.0], [-2.0, 5.0], [3.0, -6.0]])
optimizers = {
    "Adam": lambda parameters, fused: torch.optim.Adam(parameters, lr=0.1, fused=fused),
    "AdamW": lambda parameters, fused: torch.optim.AdamW(parameters, lr=0.1, fused=fused),
    "SGD": lambda parameters, fused: torch.optim.SGD(parameters, lr=0.1, fused=fused),
    "Adagrad": lambda parameters, fused: torch.optim.Adagrad(parameters, lr=0.1, fused=fused),
}


def after_a_step(make, *, fused, by_backward):
    weight = torch.nn.Parameter(torch.zeros(2, 3))
    loss = (weight.t() * factors).sum()  # its gradient is factors, transposed
    if by_backward:
        loss.backward()
    else:
        (weight.grad,) = torch.autograd.grad(loss, weight)
    assert torch.equal(weight.grad, factors.t())
    make([weight], fused).step()
    return weight.detach(), weight.grad.stride()


for name, make in optimizers.items():
    right, _ = after_a_step(make, fused=False, by_backward=False)
    fused, strides = after_a_step(make, fused=True, by_backward=False)
    accumulated, usual = after_a_step(make, fused=True, by_backward=True)
    print(f"{name:8} expected {right.tolist()}\n         found    {fused.tolist()}")
    assert (strides, usual) == ((1, 2), (3, 1))
    torch.testing.assert_close(accumulated, right)
    assert not torch.allclose(fused, right)
PY
