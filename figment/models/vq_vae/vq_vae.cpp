#include "figment/models/vq_vae/vq_vae.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "figment/base/error.h"
#include "figment/tensor/world.h"

namespace figment::vq_vae {
namespace {

/// The rank of each code along the first three principal components, as red, green and blue: vectors [K,D] to colours
/// [K,3] in [-1,1].
Tensor colours_of(const Tensor& vectors) {
  const Tensor centred = vectors - vectors.mean(0);
  const Tensor direction = std::get<1>(torch::linalg_eigh(centred.t().mm(centred)));  // [D,D], the longest last
  const Tensor place = centred.mm(direction).flip(1).narrow(1, 0, std::min<int64_t>(3, vectors.size(1)));
  const Tensor rank =
      place.argsort(0, false).argsort(0, false).to(torch::kFloat);  // ranks, so that every colour is used
  const Tensor colour = rank * (2.0 / double(std::max<int64_t>(1, vectors.size(0) - 1))) - 1;
  return torch::constant_pad_nd(colour, {0, 3 - colour.size(1)}, 0);
}

// Shares of the training: the warm-up leaves at least three quarters to training with codes, and in the last quarter
// the codebook is no longer changed by revival.
constexpr double kWarmUpEnds = 0.25, kRevivalEnds = 0.75;

// Of so many pixels at once what lies between the encoder's layers takes a gigabyte or two: 64 images of 256 x 256.
constexpr int64_t kPixelsAtOnce = int64_t(1) << 22;

double warm_up(const Config& config, const Step& step) {
  const double most = double(config.warm_up_images);
  return step.progress() > 0 ? std::min(most, kWarmUpEnds * step.images() / step.progress()) : most;
}

}  // namespace

VqVae::VqVae(const Config& config, const DataSpec& data)
    : config_(config),
      pixels_(pixels(data)),
      head_(register_module("head", make_head(config.head, pixels_))),
      quantizer_(register_module("quantizer", make_quantizer(config.quantizer))),
      encoder_(register_module("encoder", Encoder(config, pixels_, quantizer_->size()))),
      decoder_(register_module("decoder", Decoder(config, quantizer_->size(), head_->outputs() * pixels_.channels))) {}

// Not averaged: the codebook was fitted to the outputs of these weights, not to those of an average.
std::vector<ParameterGroup> VqVae::groups() {
  return {{.name = "model", .parameters = parameters(), .optimizer = config_.optimizer, .averaged = false}};
}

void VqVae::initialize(const Batch& first) {
  head_->start_from(first.x);
  const int64_t count = std::max<int64_t>(1, kPixelsAtOnce / (pixels_.height * pixels_.width));
  std::vector<Tensor> parts;
  for (const Tensor& part : first.x.split(count)) parts.push_back(encoder_(part));
  quantizer_->start_from(torch::cat(parts));
}

void VqVae::train_step(const Batch& batch, Step& step) {
  const double before = step.images(), after = before + double(batch.size() * world().size()),
               warm_up = vq_vae::warm_up(config_, step);
  const bool alone = is_training() && before < warm_up;  // in eval mode always with codes
  step.minimize(kModel, batch, [&](const Batch& b) -> LossTerms {
    const Tensor z = encoder_(b.x);  // Sec. 3.1
    if (alone) return {head_->loss(decoder_(quantizer_->relaxed(z)), b.x)};
    const Quantized q = quantizer_->forward(z);  // Eq. 1 and 2
    quantizer_->count(z, q.code);
    LossTerms terms{head_->loss(decoder_(q.quantized), b.x)};     // Eq. 3: its first term,
    terms.insert(terms.end(), q.losses.begin(), q.losses.end());  // and the others
    return terms;
  });
  if (alone && after >= warm_up) start_codebook(batch);
  if (alone) return;
  // App. A.1, after the loss: once a step, over every micro-batch
  quantizer_->follow(/*revive=*/step.progress() < kRevivalEnds);
  if (!is_training()) return;
  step.observe("codebook_usage", quantizer_->usage());
  step.observe("codebook_perplexity", quantizer_->perplexity());
}

void VqVae::start_codebook(const Batch& batch) {
  const torch::NoGradGuard no_grad;
  quantizer_->start_from(gathered(encoder_(batch.x)));
  // Each process drew other numbers. A codebook is a buffer or a parameter.
  world().share(quantizer_->buffers());
  world().share(quantizer_->parameters());
}

std::vector<CodeSpec> VqVae::grids() const {
  return {{.num_codes = quantizer_->num_codes(),
           .height = pixels_.height >> config_.stages,
           .width = pixels_.width >> config_.stages}};
}

std::vector<Tensor> VqVae::encode_codes(const Tensor& x) { return {quantizer_->forward(encoder_(x)).code}; }

const Tensor& VqVae::expect_grid(const std::vector<Tensor>& codes, std::string_view where) const {
  if (codes.size() != 1)
    throw ShapeError(fmt::format("VqVae::{}: there must be one grid of codes, got {}", where, codes.size()));
  const CodeSpec grid = grids()[0];
  expect_shape(codes[0], {-1, grid.height, grid.width}, fmt::format("VqVae::{}", where), "codes");
  return codes[0];
}

Tensor VqVae::decode_codes(const std::vector<Tensor>& codes) {
  const Tensor& code = expect_grid(codes, "decode_codes");
  return head_->picture(decoder_(quantizer_->lookup(code.to(parameters().front().device()))));
}

Tensor VqVae::paint_codes(const std::vector<Tensor>& codes) {
  const Tensor code = expect_grid(codes, "paint_codes").to(parameters().front().device());
  return torch::nn::functional::interpolate(quantizer_->lookup(code, colours_of(quantizer_->vectors())),
                                            torch::nn::functional::InterpolateFuncOptions()
                                                .size(std::vector<int64_t>{pixels_.height, pixels_.width})
                                                .mode(torch::kNearest));
}

std::vector<Exhibit> VqVae::show(const Batch& examples) {
  constexpr int64_t kMostCodes = 256, kExamples = 32;
  const CodeSpec grid = grids()[0];
  const int64_t shown = std::min(grid.num_codes, kMostCodes);
  const Tensor x = examples.x.narrow(0, 0, std::min(kExamples, examples.size()));
  const Tensor all = torch::arange(shown, torch::kLong).view({-1, 1, 1}).expand({shown, grid.height, grid.width});
  const Tensor grey = x.mean(1, true).expand({-1, 3, -1, -1}), map = paint_codes(encode_codes(x));
  return {{.name = "codebook",
           .caption = fmt::format("each code alone: a grid filled with it, decoded; codes 0 to {}", shown - 1),
           .images = decode_codes({all})},
          {.name = "code_maps",
           .caption =
               "held-out images, and beside each the same with its codes painted over it: each colour is a code, and "
               "similar codes have similar colours",
           .images = torch::stack({grey, (grey + map) / 2}, 1).flatten(0, 1)}};
}

Nats VqVaeWithLikelihood::nats(const Batch& batch, int64_t) {
  const auto& density = dynamic_cast<const Density&>(*head_);
  const Quantized q = quantizer_->forward(encoder_(batch.x));
  const Tensor reconstruction = density.nats(decoder_(q.quantized), batch.x);
  const double places = double(q.code[0].numel());
  const Tensor kl = torch::full_like(reconstruction, places * std::log(double(quantizer_->num_codes())));
  return {.total = reconstruction + kl,
          .terms = {{"reconstruction_nats", reconstruction}, {"kl_nats", kl}},
          .levels = density.levels()};
}

Entry entry() {
  Entry entry = entry_of<VqVae>(
      {.alarms = {
           {.metric = "codebook_usage",
            .healthy = {.least = 0.5},
            .patience_images = 60000,
            .sentence =
                "codebook collapse: fewer than half of the codes are in use, so the grid carries less "
                "information than it could; raise model.quantizer.revive_below, lower model.quantizer.size or set "
                "model.quantizer.cosine, or take fewer codes (finite_scalar: fewer or smaller "
                "model.quantizer.levels)"}}});
  entry.make = [](const Table& settings, const DataSpec& spec, const Helpers&) -> std::unique_ptr<Model> {
    const auto config = read<Config>(settings);
    if (config.head == HeadKind::kSquaredError) return std::make_unique<VqVae>(config, spec);
    return std::make_unique<VqVaeWithLikelihood>(config, spec);
  };
  return entry;
}

}  // namespace figment::vq_vae
