// Small networks of every kind, for tests.
#pragma once
#include <vector>

#include "figment/models/pixel_cnn/network.h"

namespace figment::pixel_cnn {

struct Case {
  const char* name = "";
  NetworkKind network = NetworkKind::kGated;
  int64_t channels = 1, symbols = 6, height = 7, width = 8, classes = 0;
  bool codes = false;
  int64_t first_kernel = 7, kernel = 5;
};

inline Case codes_of(NetworkKind kind) {
  return {.name = "codes", .network = kind, .symbols = 9, .height = 5, .width = 4, .classes = 3, .codes = true};
}

inline const std::vector<Case> kCases = {
    {.name = "gated_grey"},
    {.name = "gated_colour_of_classes", .channels = 3, .classes = 3},
    {.name = "gated_codes_of_classes", .symbols = 9, .height = 6, .width = 5, .classes = 3, .codes = true},
    {.name = "masked_grey", .network = NetworkKind::kMasked, .kernel = 3},
    {.name = "masked_colour_of_classes",
     .network = NetworkKind::kMasked,
     .channels = 3,
     .height = 6,
     .width = 9,
     .classes = 3,
     .first_kernel = 5,
     .kernel = 3},
    {.name = "masked_codes_of_classes",
     .network = NetworkKind::kMasked,
     .symbols = 9,
     .height = 7,
     .width = 7,
     .classes = 3,
     .codes = true,
     .first_kernel = 3,
     .kernel = 3},
};

/// In fp64, with places and biases that matter.
inline std::shared_ptr<Network> made(const Case& c, int64_t outputs = 10) {
  torch::manual_seed(1);
  const Config config{.network = c.network,
                      .width = 8,
                      .layers = 4,
                      .kernel = c.kernel,
                      .first_kernel = c.first_kernel,
                      .head_width = 40};
  const Alphabet alphabet{
      .channels = c.channels, .symbols = c.symbols, .height = c.height, .width = c.width, .codes = c.codes};
  std::shared_ptr<Network> network;
  if (c.network == NetworkKind::kGated)
    network = std::make_shared<GatedImpl>(config, alphabet, c.classes, outputs);
  else
    network = std::make_shared<MaskedImpl>(config, alphabet, c.classes, outputs);
  network->to(torch::kDouble);
  for (auto& p : network->named_parameters())
    if (p.key() == "places") p.value().data().normal_();
  return network;
}

inline Tensor random_symbols(const Case& c, int64_t n) {
  return torch::randint(c.symbols, {n, c.channels, c.height, c.width});
}

inline Tensor labels(const Case& c, int64_t n) { return c.classes > 0 ? torch::arange(n) % c.classes : Tensor(); }

}  // namespace figment::pixel_cnn
