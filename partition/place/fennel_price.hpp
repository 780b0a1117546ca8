#pragma once
// What Fennel charges for one more vertex in a part.

#include <cmath>

#include "partition/types.hpp"

namespace gasket {

class FennelPrice {
 public:
  /// Of `total` weight in all parts, standing for so many vertices.
  FennelPrice(PartId parts, GlobalId vertices, EdgeCount edges, std::uint64_t total) {
    const auto n = static_cast<double>(vertices), m = static_cast<double>(edges);
    const double alpha = m * std::sqrt(static_cast<double>(parts)) / (n * std::sqrt(n));
    price_ = alpha * 1.5;
    vertices_per_weight_ = n / static_cast<double>(total);
  }
  /// alpha gamma |P|^(gamma - 1) with gamma = 3/2 and alpha = m p^(gamma - 1) / n^gamma.
  double operator()(double load) const { return price_ * std::sqrt(load * vertices_per_weight_); }

 private:
  double price_;
  double vertices_per_weight_;
};

}  // namespace gasket
