#include "figment/models/pixel_cnn/loops.h"

#include <cstring>

#include "figment/tensor/loops.h"

namespace figment::pixel_cnn {
namespace {

/// kRows x kPanel sums stay in registers while the inputs pass by.
template <class T, int kRows>
FIGMENT_INLINE void add_block(const Product<T>& p, const T* weights, int64_t row, T* out) {
  typedef T Lanes __attribute__((vector_size(64)));
  constexpr int kLanes = 64 / sizeof(T), kParts = kPanel / kLanes;
  Lanes sum[kRows][kParts];
  for (int r = 0; r < kRows; ++r) std::memcpy(sum[r], out + r * p.outputs, sizeof sum[r]);
  for (int64_t tap = 0; tap < p.taps; ++tap) {
    const T* x = p.in[tap] + row * p.in_stride;
    for (int64_t k = 0; k < p.inputs; ++k, weights += kPanel) {
      Lanes w[kParts];
      std::memcpy(w, weights, sizeof w);
      for (int r = 0; r < kRows; ++r)
        for (int part = 0; part < kParts; ++part) sum[r][part] += x[r * p.in_stride + k] * w[part];
    }
  }
  for (int r = 0; r < kRows; ++r) std::memcpy(out + r * p.outputs, sum[r], sizeof sum[r]);
}

template <class T>
FIGMENT_INLINE void add_all(const Product<T>& p) {
  constexpr int kMany = 24 / (kPanel * int(sizeof(T)) / 32);  // sums fill 24 registers of 32 bytes
  const int64_t panel_size = p.taps * p.inputs * kPanel;
  for (int64_t panel = 0; panel * kPanel < p.outputs; ++panel) {
    const T* weights = p.weights + panel * panel_size;
    T* out = p.out + panel * kPanel;
    int64_t row = 0;
    for (; row + kMany <= p.rows; row += kMany) add_block<T, kMany>(p, weights, row, out + row * p.outputs);
    for (; row + 2 <= p.rows; row += 2) add_block<T, 2>(p, weights, row, out + row * p.outputs);
    for (; row < p.rows; ++row) add_block<T, 1>(p, weights, row, out + row * p.outputs);
  }
}

template <class T>
FIGMENT_INLINE void gate_all(const T* a, int64_t a_stride, T* out, int64_t out_stride, int64_t width, int64_t rows) {
  for (int64_t row = 0; row < rows; ++row, a += a_stride, out += out_stride)
    for (int64_t i = 0; i < width; ++i)  // tanh(x) = 2 sigmoid(2x) - 1
      out[i] = (2 / (1 + exp_of(-2 * a[i])) - 1) / (1 + exp_of(-a[width + i]));
}

FIGMENT_EVERY_PROCESSOR void add_floats(const Product<float>& p) { add_all(p); }
FIGMENT_EVERY_PROCESSOR void add_doubles(const Product<double>& p) { add_all(p); }
FIGMENT_EVERY_PROCESSOR void gate_floats(const float* a, int64_t a_stride, float* out, int64_t out_stride,
                                         int64_t width, int64_t rows) {
  gate_all(a, a_stride, out, out_stride, width, rows);
}
FIGMENT_EVERY_PROCESSOR void gate_doubles(const double* a, int64_t a_stride, double* out, int64_t out_stride,
                                          int64_t width, int64_t rows) {
  gate_all(a, a_stride, out, out_stride, width, rows);
}

}  // namespace

void add_product(const Product<float>& p) { add_floats(p); }
void add_product(const Product<double>& p) { add_doubles(p); }
void gate(const float* a, int64_t a_stride, float* out, int64_t out_stride, int64_t width, int64_t rows) {
  gate_floats(a, a_stride, out, out_stride, width, rows);
}
void gate(const double* a, int64_t a_stride, double* out, int64_t out_stride, int64_t width, int64_t rows) {
  gate_doubles(a, a_stride, out, out_stride, width, rows);
}

}  // namespace figment::pixel_cnn
