#pragma once
// The weights of arcs: 4 bytes each where every weight is a float, which whole numbers up to 2^24 are, else 8.

#include <algorithm>
#include <cstddef>

#include "partition/big_array.hpp"
#include "partition/parallel.hpp"
#include "partition/prefetch.hpp"

namespace gasket {

class ArcWeights {
 public:
  ArcWeights() = default;
  /// Keeps floats instead where that loses nothing. O(size); both forms exist for a moment.
  explicit ArcWeights(BigArray<double> weights) : wide_(std::move(weights)) {
    constexpr std::size_t kPass = std::size_t{1} << 18;
    const bool all_floats = parallel::reduce_ranges<bool>(
        wide_.size(), kPass, true,
        [&](std::size_t begin, std::size_t end) {
          return std::all_of(wide_.begin() + begin, wide_.begin() + end,
                             [](double w) { return static_cast<double>(static_cast<float>(w)) == w; });
        },
        [](bool a, bool b) { return a && b; });
    if (!all_floats) return;
    narrow_ = BigArray<float>(wide_.size());
    parallel::for_ranges(wide_.size(), kPass, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) narrow_[i] = static_cast<float>(wide_[i]);
    });
    wide_.free();
  }

  std::size_t size() const { return narrow_.size() + wide_.size(); }
  bool empty() const { return size() == 0; }
  /// Asks for a weight that will be read soon.
  void fetch(std::size_t i) const {
    if (wide_.empty())
      prefetch(narrow_.data() + i);
    else
      prefetch(wide_.data() + i);
  }
  double operator[](std::size_t i) const { return wide_.empty() ? double{narrow_[i]} : wide_[i]; }

 private:
  BigArray<float> narrow_;
  BigArray<double> wide_;
};

}  // namespace gasket
