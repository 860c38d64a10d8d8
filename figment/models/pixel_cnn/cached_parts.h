// Parts of the cached networks. The memory layout of a row is [column][image][channel].
// Legend: N images, I inputs, O outputs.
#pragma once
#include <vector>

#include "figment/models/pixel_cnn/cached.h"
#include "figment/models/pixel_cnn/loops.h"

namespace figment::pixel_cnn {

template <class T>
Tensor zeros(at::IntArrayRef extents) {  // aligned as the loops need it
  return torch::zeros(extents, torch::CppTypeToScalarType<T>::value);
}

/// The last extent filled up with zeros to whole panels, ready for the loops.
template <class T>
Tensor panels(const Tensor& t) {
  const int64_t last = t.size(-1);
  return torch::constant_pad_nd(t.detach().to(torch::kCPU, torch::CppTypeToScalarType<T>::value),
                                {0, padded(last) - last})
      .contiguous();
}

/// The latest rows of a map of features. Beyond the image's edges it is zero.
template <class T>
class Rows {
 public:
  /// Keeps `depth` rows, with `border` columns beyond each edge; `stride` numbers of an image at each column.
  Rows(int64_t depth, int64_t border, int64_t width, int64_t images, int64_t stride)
      : depth_(depth),
        border_(border),
        column_(images * stride),
        row_((width + 2 * border) * column_),
        stride_(stride),
        values_(zeros<T>({depth * row_})) {}
  /// `row` from -depth on: before the first row is written, its place holds zeros.
  T* at(int64_t row, int64_t column) {
    return values_.template data_ptr<T>() + (row + depth_) % depth_ * row_ + (column + border_) * column_;
  }
  int64_t stride() const { return stride_; }

 private:
  int64_t depth_, border_, column_, row_, stride_;
  Tensor values_;
};

/// Taps of a convolution in the order in which the loops read them.
template <class T>
class Taps {
 public:
  struct Tap {
    int64_t row, column;               // of the kernel
    int64_t rows_down, columns_right;  // of the input, counted from the output's position
  };
  Taps() = default;
  Taps(const Tensor& weight, std::vector<Tap> taps)  // weight [O,I,h,w]
      : inputs_(weight.size(1)), outputs_(padded(weight.size(0))), taps_(std::move(taps)) {
    std::vector<Tensor> all;  // each [I,O]
    for (const Tap& tap : taps_) all.push_back(weight.select(3, tap.column).select(2, tap.row).t());
    weights_ = panels<T>(torch::cat(all)).view({-1, outputs_ / kPanel, kPanel}).transpose(0, 1).contiguous();
  }
  explicit Taps(const Tensor& weight) : Taps(weight, {{0, 0, 0, 0}}) {}  // 1x1

  int64_t inputs() const { return inputs_; }
  int64_t outputs() const { return outputs_; }

  /// Adds the convolution at (row, column) to out[rows][outputs]; further rows are further images and columns.
  void add(Rows<T>& in, int64_t row, int64_t column, int64_t rows, T* out) const {
    std::vector<const T*> seen;
    for (const Tap& tap : taps_) seen.push_back(in.at(row + tap.rows_down, column + tap.columns_right));
    add_product(Product<T>{seen.data(), int64_t(seen.size()), inputs_, in.stride(),
                           weights_.template const_data_ptr<T>(), outputs_, out, rows});
  }
  /// A 1x1 convolution of rows that lie `stride` apart in memory.
  void add(const T* in, int64_t stride, int64_t rows, T* out) const {
    add_product(Product<T>{&in, 1, inputs_, stride, weights_.template const_data_ptr<T>(), outputs_, out, rows});
  }

 private:
  int64_t inputs_ = 0, outputs_ = 0;
  std::vector<Tap> taps_;
  Tensor weights_;
};

/// All taps of a kernel [O,I,h,w] whose first one looks `up` rows up and `back` columns back.
template <class T>
Taps<T> taps_of(const Tensor& weight, int64_t up, int64_t back) {
  std::vector<typename Taps<T>::Tap> taps;
  for (int64_t i = 0; i < weight.size(2); ++i)
    for (int64_t j = 0; j < weight.size(3); ++j) taps.push_back({i, j, i - up, j - back});
  return {weight, taps};
}

/// Starts a sum: out[N][O] = bias[O], plus `already` where it is given.
template <class T>
void begin(const Tensor& bias, int64_t images, const T* there, T* out) {
  const T* b = bias.template const_data_ptr<T>();
  const int64_t outputs = bias.numel();
  for (int64_t n = 0; n < images; ++n)
    for (int64_t i = 0; i < outputs; ++i) out[n * outputs + i] = b[i] + (there ? there[n * outputs + i] : 0);
}

/// The rows of an embedding of classes for each image, in whole panels; nothing where there are no classes.
inline Tensor rows_of(const Tensor& of_class, const Tensor& label) {
  return of_class.defined() ? of_class.index_select(0, label.cpu()) : Tensor();
}

/// A 1x1 convolution.
template <class T>
struct Dense {
  Dense() = default;
  explicit Dense(const torch::nn::Conv2d& conv) : taps(conv->weight), bias(panels<T>(conv->bias)) {}
  Tensor room(int64_t images) const { return zeros<T>({images, taps.outputs()}); }
  /// out = bias + what is there + in · weights
  void apply(const T* in, int64_t stride, int64_t images, const T* there, T* out) const {
    begin(bias, images, there, out);
    taps.add(in, stride, images, out);
  }
  Taps<T> taps;
  Tensor bias;
};

/// The activations that are kept of the images drawn together.
template <class T>
struct Cache {
  Cache(int64_t depth, int64_t border, int64_t width, int64_t images, int64_t inputs)
      : input(depth, border, width, images, inputs) {}
  virtual ~Cache() = default;
  virtual void begin_row(int64_t row) = 0;               ///< all columns, from what the rows above hold
  virtual T* features(int64_t row, int64_t column) = 0;  ///< [N][padded F], from the row so far; may be changed
  Rows<T> input;                                         ///< the symbols so far, embedded as the network's input
};

template <class T>
class CachedNetworkOf : public CachedNetwork {
 public:
  explicit CachedNetworkOf(const Network& network)
      : alphabet_(network.alphabet()),
        inputs_(network.inputs()),
        outputs_(network.out->weight.size(0)),
        hidden_(network.hidden),
        out_(network.out),
        embedding_(alphabet_.codes ? network.embedding->weight.detach().to(torch::kCPU).contiguous() : Tensor()) {}

  void run(int64_t images, const Tensor& label, const std::function<void(const Position&)>& decide) const override {
    const std::shared_ptr<Cache<T>> cache = new_cache(images, label);
    const Tensor hidden = hidden_.room(images), out = out_.room(images);
    std::vector<double> outputs(size_t(images * outputs_));
    std::vector<int64_t> symbols(size_t(images * alphabet_.channels));
    for (int64_t row = 0; row < alphabet_.height; ++row) {
      cache->begin_row(row);
      for (int64_t column = 0; column < alphabet_.width; ++column) {
        const T* said =
            head(cache->features(row, column), images, hidden.template data_ptr<T>(), out.template data_ptr<T>());
        for (int64_t n = 0; n < images; ++n)
          std::copy_n(said + n * out.size(1), outputs_, outputs.begin() + n * outputs_);
        decide({row, column, outputs, symbols});
        keep(symbols, images, cache->input.at(row, column));
      }
    }
  }

 protected:
  virtual std::shared_ptr<Cache<T>> new_cache(int64_t images, const Tensor& label) const = 0;
  const Alphabet& alphabet() const { return alphabet_; }
  int64_t inputs() const { return inputs_; }

 private:
  /// Network::head of one position.
  const T* head(T* features, int64_t images, T* hidden, T* out) const {
    const int64_t stride = padded(hidden_.taps.inputs()), width = hidden_.taps.outputs();
    relu(features, images * stride);
    hidden_.apply(features, stride, images, nullptr, hidden);
    relu(hidden, images * width);
    out_.apply(hidden, width, images, nullptr, out);
    return out;
  }

  /// Network::embedded of one position.
  void keep(const std::vector<int64_t>& symbols, int64_t images, T* input) const {
    for (int64_t n = 0; n < images; ++n, input += inputs_) {
      const int64_t* s = symbols.data() + n * alphabet_.channels;
      if (alphabet_.codes) {
        std::copy_n(embedding_.template const_data_ptr<T>() + *s * inputs_, inputs_, input);
      } else {
        for (int64_t c = 0; c < alphabet_.channels; ++c)
          input[c] = T(s[c]) * T(2.0 / double(alphabet_.symbols - 1)) - 1;
        input[alphabet_.channels] = 1;
      }
    }
  }

  Alphabet alphabet_;
  int64_t inputs_, outputs_;
  Dense<T> hidden_, out_;
  Tensor embedding_;  // [K,I]
};

/// The cached network W in the type of the network's weights.
template <template <class> class W, class N>
std::shared_ptr<const CachedNetwork> cached_in_its_type(const N& network) {
  if (network.out->weight.scalar_type() == torch::kDouble) return std::make_shared<W<double>>(network);
  return std::make_shared<W<float>>(network);
}

}  // namespace figment::pixel_cnn
