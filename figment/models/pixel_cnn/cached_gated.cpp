// The gated network, position after position. The vertical stack of a row and its link to the horizontal one depend
// on the rows above alone: they are computed for a whole row at once. The horizontal stack goes from column to column.
#include "figment/models/pixel_cnn/cached_parts.h"

namespace figment::pixel_cnn {
namespace {

template <class T>
struct GatedLayer {
  explicit GatedLayer(const GatedImpl::LayerImpl& layer)
      : half(layer.above->weight.size(3) / 2),
        above(taps_of<T>(layer.above->weight, half, half)),
        left(taps_of<T>(layer.left->weight, 0, half)),
        above_bias(panels<T>(layer.above->bias)),
        link(layer.link),
        skip(layer.skip) {
    if (layer.across) across = Dense<T>(layer.across);
    if (layer.of_class) of_class = panels<T>(layer.of_class->weight.view({-1, 2, layer.above->weight.size(0)}));
  }
  int64_t half;
  Taps<T> above, left;
  Tensor above_bias;
  Dense<T> link, skip, across;
  Tensor of_class;  // [classes,2,2F]: of the vertical and of the horizontal gate
};

template <class T>
struct GatedWeights {
  explicit GatedWeights(const GatedImpl& network)
      : width(network.places.size(0) / 4),
        columns(network.places.size(2)),
        places(panels<T>(network.places.view({2, 2 * width, -1, columns}).permute({0, 2, 3, 1}))) {
    for (const auto& layer : *network.layers) layers.emplace_back(*layer->template as<GatedImpl::LayerImpl>());
  }
  int64_t width, columns;
  Tensor places;  // [2,H,W,2F]
  std::vector<GatedLayer<T>> layers;
};

template <class T>
class GatedCache final : public Cache<T> {
 public:
  GatedCache(const GatedWeights<T>& weights, int64_t images, int64_t inputs, const Tensor& label)
      : Cache<T>(weights.layers[0].half + 1, weights.layers[0].half, weights.columns, images, inputs),
        weights_(weights),
        images_(images) {
    const int64_t columns = weights.columns, gates = padded(2 * weights.width), width = padded(weights.width);
    above_ = zeros<T>({columns, images, gates});
    gated_ = zeros<T>({images, width});
    skip_ = zeros<T>({images, width});
    for (const GatedLayer<T>& layer : weights.layers) {
      vertical_.emplace_back(layer.half + 1, layer.half, columns, images, width);
      horizontal_.emplace_back(1, layer.half, columns, images, width);
      link_.push_back(zeros<T>({columns, images, gates}));
      of_class_.push_back(rows_of(layer.of_class, label));
    }
  }

  void begin_row(int64_t row) override {
    const int64_t places = weights_.columns * images_;
    T* above = above_.template data_ptr<T>();
    for (size_t i = 0; i < weights_.layers.size(); ++i) {
      const GatedLayer<T>& layer = weights_.layers[i];
      above_.copy_(layer.above_bias.expand_as(above_));
      link_[i].copy_(layer.link.bias.expand_as(link_[i]));
      if (i == 0) {
        above_.add_(weights_.places[0][row].unsqueeze(1));
        link_[i].add_(weights_.places[1][row].unsqueeze(1));
      }
      layer.above.add(i == 0 ? this->input : vertical_[i], row, 0, places, above);
      layer.link.taps.add(above, above_.size(2), places, link_[i].template data_ptr<T>());
      if (layer.of_class.defined()) {
        above_.add_(of_class_[i].select(1, 0));
        link_[i].add_(of_class_[i].select(1, 1));
      }
      if (i + 1 < weights_.layers.size())
        gate(above, above_.size(2), vertical_[i + 1].at(row, 0), vertical_[i + 1].stride(), weights_.width, places);
    }
  }

  T* features(int64_t row, int64_t column) override {
    T *gated = gated_.template data_ptr<T>(), *skip = skip_.template data_ptr<T>();
    const int64_t gates = above_.size(2), width = gated_.size(1);
    for (size_t i = 0; i < weights_.layers.size(); ++i) {
      const GatedLayer<T>& layer = weights_.layers[i];
      T* a = link_[i].template data_ptr<T>() + column * images_ * gates;
      layer.left.add(i == 0 ? this->input : horizontal_[i], row, column, images_, a);
      gate(a, gates, gated, width, weights_.width, images_);
      layer.skip.apply(gated, width, images_, i == 0 ? nullptr : skip, skip);
      if (i + 1 == weights_.layers.size()) break;
      const T* residual = i == 0 ? nullptr : horizontal_[i].at(row, column);
      layer.across.apply(gated, width, images_, residual, horizontal_[i + 1].at(row, column));
    }
    return skip;
  }

 private:
  const GatedWeights<T>& weights_;
  int64_t images_;
  std::vector<Rows<T>> vertical_, horizontal_;  // what goes into each layer; the first one has the input
  std::vector<Tensor> link_, of_class_;         // [W,N,2F]; [N,2,2F]
  Tensor above_, gated_, skip_;                 // [W,N,2F]; [N,F] each
};

template <class T>
class CachedGated final : public CachedNetworkOf<T> {
 public:
  explicit CachedGated(const GatedImpl& network) : CachedNetworkOf<T>(network), weights_(network) {}

 private:
  std::shared_ptr<Cache<T>> new_cache(int64_t images, const Tensor& label) const override {
    return std::make_shared<GatedCache<T>>(weights_, images, this->inputs(), label);
  }
  GatedWeights<T> weights_;
};

}  // namespace

std::shared_ptr<const CachedNetwork> GatedImpl::cached() const { return cached_in_its_type<CachedGated>(*this); }

}  // namespace figment::pixel_cnn
