// What a model can do stands in its class head. The caller has set eval mode, no-grad and the seed.
// Legend: N batch, Z latent size, F features, K classes or codes, h w extents of a grid of codes.
#pragma once
#include <string>

#include "figment/base/progress.h"
#include "figment/contracts/batch.h"
#include "figment/contracts/sample_options.h"

namespace figment {

struct Capability {
  virtual ~Capability() = default;
};

struct SampleRequest {
  std::vector<int64_t> seeds;  ///< one per image: image i looks the same alone and in a batch
  Condition condition = {};    ///< N = seeds.size()
  SampleOptions options = {};
  Progress go_on = {};
};
struct Samples : Capability {
  virtual Tensor sample(const SampleRequest&) = 0;    ///< like Batch::x
  virtual ConditionSpec takes() const { return {}; }  ///< forms, flags and checks follow from it
  /// Options that it uses; changing another is an error.
  virtual std::vector<std::string_view> options_used() const { return {}; }
};
/// Draws in an order of rows, so that it can go on from given ones.
struct Completes : Samples {
  /// Keeps the upper `rows` rows of x (like Batch::x, N = seeds.size()) and draws the others.
  virtual Tensor complete(const SampleRequest&, const Tensor& x, int64_t rows) = 0;
};
struct Reconstructs : Capability {
  virtual Tensor reconstruct(const Tensor& x) = 0;
};
struct DecodesLatent : Capability {
  virtual int64_t latent_size() const = 0;
  virtual Tensor decode(const Tensor& z, const Condition&) = 0;  ///< [N,Z] -> like Batch::x
};
struct EncodesLatent : DecodesLatent, Reconstructs {
  virtual Tensor encode(const Tensor& x) = 0;  ///< [N,Z]; a VAE gives its mean
  Tensor reconstruct(const Tensor& x) override { return decode(encode(x), {}); }
};

/// An image as one or more grids of codes: VQ-VAE has one, VQ-VAE-2 several, coarsest first, as in Condition::codes. A
/// data set of codes is what `encode_codes` gives; whatever draws codes is shown by `decode_codes`.
struct EncodesDiscrete : Reconstructs {
  virtual std::vector<CodeSpec> grids() const = 0;
  virtual std::vector<Tensor> encode_codes(const Tensor& x) = 0;  ///< for each grid [N,h,w] int64 in [0,K)
  /// The inverse, as far as codes go: -> like Batch::x. Of several grids the coarsest ones may come alone: the picture
  /// then lacks what the finer ones say. Throws ShapeError for other grids or none, DataError for other codes.
  virtual Tensor decode_codes(const std::vector<Tensor>& codes) = 0;
  /// The codes themselves: a colour for each, similar codes similar colours. -> [N,3,H,W] in [-1,1], as large as images
  virtual Tensor paint_codes(const std::vector<Tensor>& codes) = 0;
  Tensor reconstruct(const Tensor& x) override { return decode_codes(encode_codes(x)); }
};

/// -log p(x) of each image or an upper bound of it, in nats, summed over the image.
struct Nats {
  Tensor total;  ///< [N]
  /// Each [N]; they add up to a one-sample bound. Empty for a likelihood of a single term.
  std::vector<std::pair<std::string, Tensor>> terms = {};
  int64_t levels =
      0;  ///< number of pixel levels of a discrete likelihood; 0 for a density of real numbers, and of codes
};
struct ScoresLikelihood : Capability {
  /// `importance_samples` 1: the bound that training minimises (at weight 1 for every term), with its terms.
  /// More: the importance-weighted bound.
  virtual Nats nats(const Batch&, int64_t importance_samples) = 0;
  /// True if `nats` is exact: importance samples do not tighten it, and training minimises it up to a factor.
  virtual bool exact() const { return false; }
};

struct Classifies : Capability {
  virtual Tensor logits(const Tensor& x) = 0;  ///< [N,K]
};
/// A vector for each image; similar images have near vectors.
struct EmbedsImages : Capability {
  virtual Tensor embed(const Tensor& x) = 0;  ///< [N,F]
};

/// Encodes a user's input (text, sound) as the embedding that another model is conditioned on.
struct EmbedsConditions : Capability {
  virtual ConditionSpec takes() const = 0;
  virtual EmbeddingSpec embedding() const = 0;
  virtual Embedding embed_condition(const Condition&) = 0;
};

/// Pictures and numbers of the model's internal state.
struct Exhibit {
  std::string name, caption;
  Tensor images;  ///< [N,C,H,W] in [-1,1]
};
struct Gauge {
  std::string name, caption;
  Tensor values;  ///< [M], means over the images of the batch: over many batches they are averaged
};
struct Shows : Capability {
  virtual std::vector<Exhibit> show(const Batch& examples) = 0;
};
struct Gauges : Capability {
  virtual std::vector<Gauge> gauge(const Batch&) = 0;
};

}  // namespace figment
