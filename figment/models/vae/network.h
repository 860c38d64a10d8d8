// Encoder and decoder of the VAE: tensor to tensor, no loss.
// Legend: N batch, C channels, H W extents, Z latent size.
#pragma once
#include "figment/contracts/spec.h"
#include "figment/models/vae/config.h"
#include "figment/nn/conv_trunk.h"
#include "figment/nn/dense.h"
#include "figment/nn/linear.h"

namespace figment::vae {

/// q(z | x) = N(mean, diag exp(log_var)), at least fp32.
struct Posterior {
  Tensor mean, log_var;  // [N,Z] each

  /// z = mean + sigma * noise, the noise new at each call: gradients reach mean and log_var (Kingma and Welling 2014,
  /// arXiv:1312.6114, Sec. 2.4). [N,Z]
  Tensor draw() const;
};

/// [N,C,H,W] -> Posterior. log_var is clamped to [-30,20] against overflow of its exponential; a posterior that is
/// trained stays far inside, so that no figure depends on the clamp.
class EncoderImpl : public torch::nn::Module {
 public:
  EncoderImpl(const Config&, const PixelSpec&);
  Posterior forward(const Tensor& x);

 private:
  std::vector<int64_t> shape_;  // of what goes in
  DenseTrunk dense_{nullptr};
  ConvEncoder conv_{nullptr};
  Linear head_{nullptr};
};
TORCH_MODULE(Encoder);

/// [N,Z] -> [N, outputs * C, H, W], any range: the parameters of the likelihood.
class DecoderImpl : public torch::nn::Module {
 public:
  DecoderImpl(const Config&, const PixelSpec&, int64_t outputs);
  Tensor forward(const Tensor& z);

 private:
  int64_t latent_;
  std::vector<int64_t> shape_;  // of what comes out
  DenseTrunk dense_{nullptr};
  Linear head_{nullptr};
  ConvDecoder conv_{nullptr};
};
TORCH_MODULE(Decoder);

}  // namespace figment::vae
