#include "figment/models/pixel_cnn/pixel_cnn.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <atomic>
#include <numbers>
#include <thread>

#include "figment/base/error.h"
#include "figment/models/pixel_cnn/cached.h"

namespace figment::pixel_cnn {
namespace {

constexpr int64_t kBlock = 16;  // images drawn together: larger blocks reuse weights but overflow the processor's cache

ConditionSpec taken(const Config& config, const DataSpec& data) {
  if (!config.conditional) return {};
  if (!data.condition.label())
    throw ConfigError("conditional: the data has no classes; set model.conditional to false or give data with classes");
  return {.labels = {*data.condition.label()}};
}

std::shared_ptr<Network> make_network(const Config& config, const Alphabet& alphabet, int64_t classes,
                                      int64_t outputs) {
  if (config.network == NetworkKind::kMasked) return std::make_shared<MaskedImpl>(config, alphabet, classes, outputs);
  return std::make_shared<GatedImpl>(config, alphabet, classes, outputs);
}

/// Counts the symbols that all threads have drawn. The caller's thread reports progress; where the caller cancels, all
/// stop.
class DrawnSymbols {
 public:
  DrawnSymbols(const Progress& go_on, int64_t all) : go_on_(go_on), all_(double(all)) {}
  void advance(int64_t by) {
    const int64_t done = done_ += by;
    if (go_on_ && std::this_thread::get_id() == caller_ && !go_on_(double(done) / all_)) stopped_ = true;
    if (stopped_) throw RunError("sample: cancelled");
  }

 private:
  const Progress& go_on_;
  const std::thread::id caller_ = std::this_thread::get_id();
  double all_;
  std::atomic<int64_t> done_ = 0;
  std::atomic<bool> stopped_ = false;
};

}  // namespace

PixelCnn::PixelCnn(const Config& config, const DataSpec& data)
    : config_(config),
      alphabet_(alphabet_of(data)),
      takes_(taken(config, data)),
      head_(register_module("head", make_head(config, alphabet_))),
      network_(register_module(
          "network", make_network(config, alphabet_, takes_.label() ? int64_t(takes_.label()->names.size()) : 0,
                                  head_->outputs()))) {}

std::vector<ParameterGroup> PixelCnn::groups() { return {{"model", parameters(), config_.optimizer}}; }

void PixelCnn::train_step(const Batch& batch, Step& step) {
  step.minimize(kModel, batch, [&](const Batch& b) -> LossTerms {
    const double dimensions = double(b.x[0].numel());
    const Tensor nats = this->nats(b, 1).total.mean();
    step.observe(alphabet_.codes ? "bits_per_code" : "bits_per_dim", nats.detach() / (dimensions * std::numbers::ln2));
    return {{"nll_nats", nats, 1 / dimensions}};
  });
}

Nats PixelCnn::nats(const Batch& batch, int64_t) {
  const Tensor symbols = symbols_of(batch.x);
  const Tensor outputs = network_->forward(network_->embedded(symbols), batch.condition.label());
  const Tensor nats = head_->nats(outputs, symbols).flatten(1).sum(1);
  return {.total = nats, .levels = alphabet_.codes ? 0 : alphabet_.symbols};
}

Tensor PixelCnn::complete(const SampleRequest& request, const Tensor& x, int64_t rows) {
  const auto images = int64_t(request.seeds.size()), channels = alphabet_.channels, symbols = alphabet_.symbols;
  if (rows < 0 || rows > alphabet_.height)
    throw ConfigError(fmt::format("complete: an image has {} rows, got {} to keep", alphabet_.height, rows));
  Tensor drawn_symbols = torch::zeros({images, channels, alphabet_.height, alphabet_.width}, torch::kLong);
  if (rows > 0) {
    const Tensor given = symbols_of(x);
    expect_shape(given, {images, channels, alphabet_.height, alphabet_.width}, "PixelCnn::complete", "x");
    const Tensor kept = given.narrow(2, 0, rows);
    if (kept.numel() > 0 && (kept.min().item<int64_t>() < 0 || kept.max().item<int64_t>() >= symbols))
      throw ShapeError(
          fmt::format("PixelCnn::complete: a code must be one of 0 to {}, got {} to {}; they are of another "
                      "codebook",
                      symbols - 1, kept.min().item<int64_t>(), kept.max().item<int64_t>()));
    drawn_symbols.narrow(2, 0, rows).copy_(kept);
  }
  const auto cached = network_->cached();
  const Head::Probabilities probabilities = head_->probabilities();
  const Tensor noise = seeded_uniform(request.seeds, drawn_symbols[0].numel(), "symbols").view(drawn_symbols.sizes());
  const auto u = noise.accessor<double, 4>();
  auto s = drawn_symbols.accessor<int64_t, 4>();
  DrawnSymbols progress(request.go_on, drawn_symbols.numel());
  const int64_t threads = at::get_num_threads(),
                each = std::clamp<int64_t>((images + threads - 1) / threads, 1, kBlock);
  at::parallel_for(0, (images + each - 1) / each, 1, [&](int64_t from, int64_t to) {
    std::vector<double> probability(static_cast<size_t>(symbols));
    for (int64_t first = from * each; first < std::min(to * each, images); first += each) {
      const int64_t count = std::min(each, images - first);
      const Tensor label = takes_.label() ? request.condition.label().narrow(0, first, count) : Tensor();
      cached->run(count, label, [&](const Position& p) {
        const size_t outputs = p.outputs.size() / size_t(count);
        for (int64_t n = 0; n < count; ++n) {
          const std::span<int64_t> here = p.symbols.subspan(size_t(n * channels), size_t(channels));
          for (int64_t c = 0; c < channels; ++c) {
            int64_t& symbol = s[first + n][c][p.row][p.column];
            if (p.row >= rows) {
              probabilities(p.outputs.subspan(size_t(n) * outputs, outputs), here.first(size_t(c)), probability);
              symbol = draw_symbol(probability, request.options, u[first + n][c][p.row][p.column]);
            }
            here[size_t(c)] = symbol;
          }
        }
        if (p.column + 1 == alphabet_.width) progress.advance(count * channels * alphabet_.width);
      });
    }
  });
  return of_symbols(drawn_symbols).to(parameters().front().device());
}

std::vector<Exhibit> PixelCnn::show(const Batch& examples) {
  constexpr int64_t kImages = 16, kAcross = 4, kDown = 2, kSide = 84;
  const at::AutoGradMode with_gradients(true);
  const Batch few = rows(examples, 0, std::min(kImages, examples.size()));
  const Tensor symbols = symbols_of(few.x), input = network_->embedded(symbols).detach().requires_grad_();
  const Tensor nats = head_->nats(network_->forward(input, few.condition.label()), symbols);  // [N,H,W]
  const int64_t h = alphabet_.height, w = alphabet_.width, scale = std::max<int64_t>(1, kSide / h);
  std::vector<Tensor> sights;
  for (int64_t i = 0; i < kDown * kAcross; ++i) {
    const int64_t r = h * (2 * (i / kAcross) + 1) / (2 * kDown), c = w * (2 * (i % kAcross) + 1) / (2 * kAcross);
    const Tensor slope =
        torch::autograd::grad({nats.select(1, r).select(1, c).sum()}, {input}, {}, /*retain_graph=*/true)[0];
    const Tensor strength = slope.norm(2, 1).mean(0);  // [H,W]
    const Tensor sight = to_signed((strength / strength.max().clamp_min(1e-12)).pow(0.25)).repeat({3, 1, 1});
    sight.select(1, r).select(1, c).copy_(torch::tensor({1.f, -1.f, -1.f}).to(sight.device()));
    sights.push_back(sight.repeat_interleave(scale, 1).repeat_interleave(scale, 2));
  }
  return {{.name = "sight",
           .caption =
               "receptive fields of eight positions, each marked red in a picture of its own: how strongly the "
               "prediction there depends on each other position (fourth root of the gradient's norm); black: not "
               "at all",
           .images = torch::stack(sights)}};
}

Tensor PixelCnn::symbols_of(const Tensor& x) const {
  if (alphabet_.codes) return x.unsqueeze(1);
  return (to_unit(x) * double(alphabet_.symbols - 1)).round().clamp(0, double(alphabet_.symbols - 1)).to(torch::kLong);
}

Tensor PixelCnn::of_symbols(const Tensor& symbols) const {
  if (alphabet_.codes) return symbols.squeeze(1);
  return to_signed(symbols.to(torch::kFloat) / double(alphabet_.symbols - 1));
}

Entry entry() { return entry_of<PixelCnn>({.models = {"pixels", "codes"}}); }

}  // namespace figment::pixel_cnn
