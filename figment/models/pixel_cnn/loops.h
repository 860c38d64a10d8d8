// The two loops that take most of the time of sampling. At one position of a few images the overhead of the engine's
// operators exceeds their arithmetic.
#pragma once
#include <cstdint>

namespace figment::pixel_cnn {

/// Outputs are laid out in panels of this size, the last one padded with zeros: the length of a row is a multiple of
/// it.
inline constexpr int64_t kPanel = 32;
constexpr int64_t padded(int64_t outputs) { return (outputs + kPanel - 1) / kPanel * kPanel; }

/// out[row] += sum over taps t of in[t][row] · weights[t]. Each output is summed in the order of the taps and inputs,
/// so that the number of rows changes no bit.
template <class T>
struct Product {
  const T* const* in = nullptr;  ///< one a tap: [rows] of `inputs` numbers, `in_stride` apart
  int64_t taps = 0;
  int64_t inputs = 0, in_stride = 0;
  const T* weights = nullptr;  ///< [padded outputs / kPanel][taps][inputs][kPanel]
  int64_t outputs = 0;         ///< padded
  T* out = nullptr;            ///< [rows][outputs]
  int64_t rows = 0;
};
void add_product(const Product<float>&);
void add_product(const Product<double>&);

/// x = max(x, 0), [n]
template <class T>
void relu(T* x, int64_t n) {
  for (int64_t i = 0; i < n; ++i) x[i] = x[i] > 0 ? x[i] : 0;
}

/// out[row][i] = tanh(a[row][i]) sigmoid(a[row][width + i])
void gate(const float* a, int64_t a_stride, float* out, int64_t out_stride, int64_t width, int64_t rows);
void gate(const double* a, int64_t a_stride, double* out, int64_t out_stride, int64_t width, int64_t rows);
enum class Bf16 : uint16_t {};
void gate(const Bf16* a, int64_t a_stride, Bf16* out, int64_t out_stride, int64_t width, int64_t rows);

/// Backward pass: the gradient by a [rows][2 width] from that by out [rows][width].
void gate_slopes(const float* a, const float* of_out, float* of_a, int64_t width, int64_t rows);
void gate_slopes(const Bf16* a, const Bf16* of_out, Bf16* of_a, int64_t width, int64_t rows);

}  // namespace figment::pixel_cnn
