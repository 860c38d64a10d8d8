// PixelCNN, over pixels or codes.
#pragma once
#include "figment/contracts/entry.h"
#include "figment/models/pixel_cnn/config.h"
#include "figment/models/pixel_cnn/head.h"

namespace figment::pixel_cnn {

/// Source   van den Oord et al. 2016, arXiv:1601.06759 (PixelCNN), arXiv:1606.05328 (gated, class-conditional); mixture
///          of logistics: Salimans et al. 2017, arXiv:1701.05517
/// Legend   N batch, C channels, H W extents; x [N,C,H,W] in [-1,1], taken to the nearest level, or codes [N,H,W]
/// Throws   ConfigError for an even kernel, or when classes are asked for and the data has none; ShapeError for x of
///          other extents
class PixelCnn final : public Model, public Completes, public ScoresLikelihood, public Shows {
 public:
  using Config = pixel_cnn::Config;
  PixelCnn(const Config&, const DataSpec&);

  std::vector<ParameterGroup> groups() override;
  void train_step(const Batch&, Step&) override;

  Tensor sample(const SampleRequest& request) override { return complete(request, {}, 0); }
  /// Every unit of the network is computed once for each image (cached.h). Temperature, top_k and top_p change each
  /// symbol's distribution (`draw_symbol` in head.h).
  Tensor complete(const SampleRequest&, const Tensor& x, int64_t rows) override;
  ConditionSpec takes() const override { return takes_; }
  std::vector<std::string_view> options_used() const override { return {"temperature", "top_p", "top_k"}; }

  Nats nats(const Batch&, int64_t importance_samples) override;
  bool exact() const override { return true; }

  /// "sight": the receptive field of eight positions, measured by gradients.
  std::vector<Exhibit> show(const Batch& examples) override;

  /// Batch::x as symbols [N,C,H,W] int64 (levels or codes), and back.
  Tensor symbols_of(const Tensor& x) const;
  Tensor of_symbols(const Tensor& symbols) const;

  Network& network() { return *network_; }
  const Head& head() const { return *head_; }

 private:
  Config config_;
  Alphabet alphabet_;
  ConditionSpec takes_;
  std::shared_ptr<Head> head_;
  std::shared_ptr<Network> network_;
};

Entry entry();

}  // namespace figment::pixel_cnn
