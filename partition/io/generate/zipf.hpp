#pragma once
// Degrees from a truncated Zipf distribution: k = 1 .. most with a probability proportional to k^-exponent.
//
// Rejection-inversion (Hörmann, Derflinger: Rejection-inversion to generate variates from monotone discrete
// distributions, ACM TOMACS 6(3), 1996): exact, no table, at most 1.1 tries on average.

#include <algorithm>
#include <cmath>

#include "partition/random.hpp"

namespace gasket::generate {

class Zipf {
 public:
  /// exponent >= 1, most >= 1.
  Zipf(double exponent, std::uint64_t most)
      : exponent_(exponent),
        most_(static_cast<double>(most)),
        area_first_(area(1.5) - 1),
        area_most_(area(most_ + 0.5)),
        sure_(2 - inverse_area(area(2.5) - height(2))) {}

  /// The value that belongs to a stream of random numbers.
  std::uint64_t operator()(const RandomStream& random) const {
    for (std::uint64_t attempt = 0;; ++attempt) {
      const double u = area_most_ + random_unit(random(attempt)) * (area_first_ - area_most_);
      const double x = inverse_area(u);
      const double k = std::clamp(std::round(x), 1.0, most_);
      if (k - x <= sure_ || u >= area(k + 0.5) - height(k)) return static_cast<std::uint64_t>(k);
    }
  }

 private:
  double height(double x) const { return std::exp(-exponent_ * std::log(x)); }
  // The integral of height from 1 to x, and its inverse; exponent 1 gives log and exp.
  double area(double x) const {
    const double log_x = std::log(x);
    const double t = (1 - exponent_) * log_x;
    return std::abs(t) < 1e-12 ? log_x : std::expm1(t) / (1 - exponent_);
  }
  double inverse_area(double y) const {
    const double t = std::max(-1.0, y * (1 - exponent_));
    return std::exp(std::abs(t) < 1e-12 ? y : std::log1p(t) / (1 - exponent_));
  }

  double exponent_, most_, area_first_, area_most_, sure_;
};

}  // namespace gasket::generate
