#pragma once
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"

namespace figment::classifier {

inline constexpr Term kTerms[] = {
    {"cross_entropy_nats", "Cross-entropy",
     "Negative log of the probability that the classifier gives to the right class. Smaller is better."},
};

inline constexpr Card kCard{
    .title = "Image classifier",
    .paper = "doi:10.1109/5.726791",
    .year = 1998,
    .summary = "Predicts the class of an image; the features of its last layer score the samples of other models.",
    .terms = kTerms};

enum class NetworkKind { kFlattened, kPooled };
constexpr auto words(NetworkKind) { return std::to_array<std::string_view>({"flattened", "pooled"}); }

struct Config {
  NetworkKind network = NetworkKind::kFlattened;
  int64_t width = 32, features = 128;
  Optimizer optimizer = {.learning_rate = 2e-3};
  static constexpr auto schema() {
    return fields(
        field<&Config::network>(
            "flattened: two convolutions and a dense layer of features; pooled: three convolutions with batch "
            "norm, whose last maps are averaged to the features. A second opinion on samples needs another "
            "network"),
        field<&Config::width>("channels of the first convolution; the others have twice as many", {1, 1024}),
        field<&Config::features>("dimensions of the features, the last layer before the classes", {1, 8192})
            .used_when<&Config::network>(NetworkKind::kFlattened),
        field<&Config::optimizer>("optimizer"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

}  // namespace figment::classifier
