"""How the peers train: as PyTorch comes, or with what it offers to who knows it."""
import dataclasses

import torch


@dataclasses.dataclass
class Way:
    """mode: `default`, as it is mostly written; `eager`, with the fused Adam; `compile`, the loss and its gradient compiled
    too. bf16: autocast of the loss."""
    mode: str
    layout: torch.memory_format = torch.contiguous_format
    bf16: bool = False

    @property
    def plain(self):
        return self.mode == "default"


class Minimizer:
    """A loss and the optimizer that minimises it by these parameters. `loss(...)` returns it and, behind it, what else the
    training needs of the pass."""

    def __init__(self, way, loss, parameters, **adam):
        self.way, self.parameters = way, list(parameters)
        self.loss = torch.compile(loss, dynamic=False) if way.mode == "compile" else loss
        self.optimizer = torch.optim.Adam(self.parameters, **adam, **({} if way.plain else {"fused": True}))

    def step(self, *given):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.way.bf16):
            loss, *rest = self.loss(*given)
        self.optimizer.zero_grad(set_to_none=True)
        # as it is mostly written, a generator's step finds the slopes of the discriminator's weights too
        loss.backward() if self.way.plain else loss.backward(inputs=self.parameters)
        self.optimizer.step()
        return loss.item(), *rest
