#include "figment/models/pixel_cnn/loops.h"

#include <bit>
#include <cstring>
#include <type_traits>

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

FIGMENT_INLINE float wide(float x) { return x; }
FIGMENT_INLINE double wide(double x) { return x; }
FIGMENT_INLINE float wide(Bf16 x) { return std::bit_cast<float>(uint32_t(x) << 16); }

template <class T>
FIGMENT_INLINE T as(decltype(wide(T())) x) {
  if constexpr (std::is_same_v<T, Bf16>) {
    const auto bits = std::bit_cast<uint32_t>(x);
    return Bf16((bits + 0x7fff + (bits >> 16 & 1)) >> 16);  // to the nearest, ties to even
  } else {
    return x;
  }
}

template <class T>
FIGMENT_INLINE T sigmoid(T x) {
  return 1 / (1 + exp_of(-x));
}

template <class T>
FIGMENT_INLINE T tanh(T x) {
  return 2 * sigmoid(2 * x) - 1;
}

template <class T>
FIGMENT_INLINE void gate_all(const T* a, int64_t a_stride, T* out, int64_t out_stride, int64_t width, int64_t rows) {
  for (int64_t row = 0; row < rows; ++row, a += a_stride, out += out_stride)
    for (int64_t i = 0; i < width; ++i) out[i] = as<T>(tanh(wide(a[i])) * sigmoid(wide(a[width + i])));
}

template <class T>
FIGMENT_INLINE void all_gate_slopes(const T* a, const T* of_out, T* of_a, int64_t width, int64_t rows) {
  for (int64_t row = 0; row < rows; ++row, a += 2 * width, of_a += 2 * width, of_out += width)
    for (int64_t i = 0; i < width; ++i) {
      const auto t = tanh(wide(a[i])), s = sigmoid(wide(a[width + i])), slope = wide(of_out[i]);
      of_a[i] = as<T>(slope * s * (1 - t * t));
      of_a[width + i] = as<T>(slope * t * s * (1 - s));
    }
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

FIGMENT_EVERY_PROCESSOR void gate_bf16(const Bf16* a, int64_t a_stride, Bf16* out, int64_t out_stride, int64_t width,
                                       int64_t rows) {
  gate_all(a, a_stride, out, out_stride, width, rows);
}
FIGMENT_EVERY_PROCESSOR void slopes_of_floats(const float* a, const float* of_out, float* of_a, int64_t width,
                                              int64_t rows) {
  all_gate_slopes(a, of_out, of_a, width, rows);
}
FIGMENT_EVERY_PROCESSOR void slopes_of_bf16(const Bf16* a, const Bf16* of_out, Bf16* of_a, int64_t width,
                                            int64_t rows) {
  all_gate_slopes(a, of_out, of_a, width, rows);
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
void gate(const Bf16* a, int64_t a_stride, Bf16* out, int64_t out_stride, int64_t width, int64_t rows) {
  gate_bf16(a, a_stride, out, out_stride, width, rows);
}
void gate_slopes(const float* a, const float* of_out, float* of_a, int64_t width, int64_t rows) {
  slopes_of_floats(a, of_out, of_a, width, rows);
}
void gate_slopes(const Bf16* a, const Bf16* of_out, Bf16* of_a, int64_t width, int64_t rows) {
  slopes_of_bf16(a, of_out, of_a, width, rows);
}

}  // namespace figment::pixel_cnn
