// The masked network, position after position. The part of a masked convolution that reads the rows above is computed
// for a whole row at once, the rest from column to column.
#include "figment/models/pixel_cnn/cached_parts.h"

namespace figment::pixel_cnn {
namespace {

template <class T>
struct MaskedTaps {
  explicit MaskedTaps(const MaskedConvImpl& conv)
      : half(conv.half), left(taps_of<T>(conv.left->weight, 0, half)), bias(panels<T>(conv.left->bias)) {
    if (conv.above) {
      above = taps_of<T>(conv.above->weight, half, half);
      bias = bias + panels<T>(conv.above->bias);
    }
    if (conv.of_class) of_class = panels<T>(conv.of_class->weight);
  }
  int64_t half;
  Taps<T> above, left;
  Tensor bias, of_class;  // [O]; [classes,O]
};

/// One masked convolution: the sums over the rows above, for all columns of a row.
template <class T>
class MaskedRow {
 public:
  MaskedRow(const MaskedTaps<T>& taps, int64_t columns, int64_t images, const Tensor& label)
      : taps_(taps),
        sums_(zeros<T>({columns, images, taps.left.outputs()})),
        of_class_(rows_of(taps.of_class, label)) {}

  void begin(Rows<T>& in, int64_t row, const Tensor& places = {}) {
    sums_.copy_(taps_.bias.expand_as(sums_));
    if (places.defined()) sums_.add_(places[row].unsqueeze(1));
    if (of_class_.defined()) sums_.add_(of_class_);
    if (taps_.half > 0) taps_.above.add(in, row, 0, sums_.size(0) * sums_.size(1), sums_.template data_ptr<T>());
  }
  T* finish(Rows<T>& in, int64_t row, int64_t column) {  // [N][O]
    T* here = sums_.template data_ptr<T>() + column * sums_.size(1) * sums_.size(2);
    taps_.left.add(in, row, column, sums_.size(1), here);
    return here;
  }

 private:
  const MaskedTaps<T>& taps_;
  Tensor sums_, of_class_;  // [W,N,O]; [N,O]
};

template <class T>
struct MaskedBlock {
  explicit MaskedBlock(const MaskedImpl::BlockImpl& block)
      : narrow(block.narrow), wide(block.wide), masked(*block.masked) {}
  Dense<T> narrow, wide;
  MaskedTaps<T> masked;
};

template <class T>
struct MaskedWeights {
  explicit MaskedWeights(const MaskedImpl& network)
      : columns(network.places.size(2)), places(panels<T>(network.places.permute({1, 2, 0}))), first(*network.first) {
    for (const auto& block : *network.blocks) blocks.emplace_back(*block->template as<MaskedImpl::BlockImpl>());
  }
  int64_t columns;
  Tensor places;  // [H,W,2F]
  MaskedTaps<T> first;
  std::vector<MaskedBlock<T>> blocks;
};

template <class T>
class MaskedCache final : public Cache<T> {
 public:
  MaskedCache(const MaskedWeights<T>& weights, int64_t images, int64_t inputs, const Tensor& label)
      : Cache<T>(weights.first.half + 1, weights.first.half, weights.columns, images, inputs),
        weights_(weights),
        images_(images),
        first_(weights.first, weights.columns, images, label),
        active_(zeros<T>({images, weights.places.size(2)})) {
    for (const MaskedBlock<T>& block : weights.blocks) {
      const int64_t half = block.masked.half;
      narrow_.emplace_back(half + 1, half, weights.columns, images, block.narrow.taps.outputs());
      masked_.emplace_back(block.masked, weights.columns, images, label);
    }
  }

  void begin_row(int64_t row) override {
    first_.begin(this->input, row, weights_.places);
    for (size_t i = 0; i < masked_.size(); ++i) masked_[i].begin(narrow_[i], row);
  }

  T* features(int64_t row, int64_t column) override {
    T *x = first_.finish(this->input, row, column), *active = active_.template data_ptr<T>();
    for (size_t i = 0; i < masked_.size(); ++i) {
      const MaskedBlock<T>& block = weights_.blocks[i];
      const int64_t width = narrow_[i].stride();
      std::copy_n(x, active_.numel(), active);
      relu(active, active_.numel());
      T* narrow = narrow_[i].at(row, column);
      block.narrow.apply(active, active_.size(1), images_, nullptr, narrow);
      relu(narrow, images_ * width);
      T* masked = masked_[i].finish(narrow_[i], row, column);
      relu(masked, images_ * width);
      block.wide.apply(masked, width, images_, x, x);
    }
    return x;
  }

 private:
  const MaskedWeights<T>& weights_;
  int64_t images_;
  MaskedRow<T> first_;
  Tensor active_;                // [N,2F]
  std::vector<Rows<T>> narrow_;  // what goes into each block's masked convolution
  std::vector<MaskedRow<T>> masked_;
};

template <class T>
class CachedMasked final : public CachedNetworkOf<T> {
 public:
  explicit CachedMasked(const MaskedImpl& network) : CachedNetworkOf<T>(network), weights_(network) {}

 private:
  std::shared_ptr<Cache<T>> new_cache(int64_t images, const Tensor& label) const override {
    return std::make_shared<MaskedCache<T>>(weights_, images, this->inputs(), label);
  }
  MaskedWeights<T> weights_;
};

}  // namespace

std::shared_ptr<const CachedNetwork> MaskedImpl::cached() const { return cached_in_its_type<CachedMasked>(*this); }

}  // namespace figment::pixel_cnn
