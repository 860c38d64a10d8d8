// Adversarial losses of discriminator and generator, and gradient penalties of the discriminator.
// Legend: N batch, K outputs of the discriminator for an image (1, or one a patch).
#pragma once
#include <functional>

#include "figment/objectives/adversarial_options.h"
#include "figment/tensor/tensors.h"

namespace figment {

/// The discriminator's loss, of its outputs r on real and f on generated images; sp is softplus.
///   minimax, non_saturating   mean sp(-r) + mean sp(f)         Goodfellow et al. 2014, arXiv:1406.2661, Eq. 1
///   least_squares             (mean (r - 1)^2 + mean f^2) / 2  Mao et al. 2017, arXiv:1611.04076, Eq. 9
///   hinge                     mean max(0, 1 - r) + mean max(0, 1 + f)
///                                                              Lim and Ye 2017, arXiv:1705.02894
///   wasserstein               mean f - mean r                  Arjovsky et al. 2017, arXiv:1701.07875
///   relativistic              mean sp(-(r - f)), the i-th real one beside the i-th generated
///                                                              Jolicoeur-Martineau 2018, arXiv:1807.00734
/// Input    real, generated [N,...] before any sigmoid; relativistic: of equal shape
/// Output   []
/// Throws   ShapeError where relativistic gets unequal shapes
Tensor discriminator_loss(AdversarialLoss, const Tensor& real, const Tensor& generated);

/// The generator's loss.
///   minimax          -mean sp(f), that is mean log(1 - sigmoid(f)): flat where the discriminator is confident
///   non_saturating   mean sp(-f)
///   least_squares    mean (f - 1)^2 / 2
///   hinge            -mean f
///   wasserstein      -mean f
///   relativistic     mean sp(-(f - r))
/// Input    generated [N,...]; real is used by relativistic alone
Tensor generator_loss(AdversarialLoss, const Tensor& generated, const Tensor& real = {});

/// Whether the generator's loss looks at real images too.
constexpr bool is_paired(AdversarialLoss loss) { return loss == AdversarialLoss::kRelativistic; }

/// |d output / d x|^2, summed over an image, mean over images: R1 where x is real, R2 where it is generated (each is
/// weighted with gamma / 2).
/// Source   Mescheder et al. 2018, arXiv:1801.04406, Sec. 4.1
/// Input    output [N,...] of the discriminator, x [N,...] that it was computed from, with requires_grad
/// Output   [], can be differentiated
Tensor squared_gradient(const Tensor& output, const Tensor& x);

/// (|d output / d x| - 1)^2 at points between real and generated images, mean over images (weighted with lambda).
/// Source   Gulrajani et al. 2017, arXiv:1704.00028, Algorithm 1
/// Input    real, generated [N,...] of equal shape
/// Output   [], can be differentiated
Tensor interpolation_penalty(const std::function<Tensor(const Tensor&)>& discriminator, const Tensor& real,
                             const Tensor& generated);

/// (|gradient| - 1)^2 of given gradients [N,...], mean over images.
Tensor distance_from_unit_slope(const Tensor& slope);

}  // namespace figment
