#pragma once
// The random field of a noisy picture: the true grey of a pixel is one of a few levels (its label); what was seen is that
// with normally distributed noise, and neighbours tend to have the same or near levels. As costs, minus the logarithms of
// probabilities:
//
//   own(x)      = (seen - level(x))^2 / (2 variance)
//   pair(x, y)  = smoothing * min(|level(x) - level(y)|, jump) / 10      truncated linear: slopes are cheap, edges possible
//               = smoothing where x != y                                 Potts: regions of one level
//
// (Boykov, Veksler, Zabih, IEEE PAMI 23, 2001.) A model for belief_propagation.hpp and gibbs_sampler.hpp.

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "apps/gibbs_sampler.hpp"
#include "apps/image/image.hpp"
#include "engine/views.hpp"

namespace gasket {

struct ImageFieldOptions {
  std::size_t labels = 16;
  double noise = 20;  // standard deviation, in grey levels
  double smoothing = 0.6;
  double jump = 50;
  bool potts = false;
};

/// Vertex r * width + c is the pixel in row r and column c.
class ImageField {
 public:
  /// A few registers wide: loops over all of them are as fast as over fewer.
  static constexpr std::size_t kMostLabels = 32;
  using Labels = std::array<float, kMostLabels>;
  using Costs = std::array<std::int64_t, kMostLabels>;

  /// The picture must outlive it.
  ImageField(const GreyImage& seen, const ImageFieldOptions& options)
      : seen_(seen.pixels.data()), labels_(options.labels), tables_(std::make_unique<Tables>()) {
    // A level stands for all greys that are nearest to it: spread evenly, which adds to the noise.
    const double step = level(1) - level(0);
    const double variance = options.noise * options.noise + step * step / 12;
    for (std::size_t grey = 0; grey < 256; ++grey) {
      const auto squared = [&](std::size_t x) { return std::pow(static_cast<double>(grey) - level(x), 2); };
      fill(tables_->own_costs[grey], tables_->own[grey], [&](std::size_t x) {
        return (squared(x) - squared(nearest(static_cast<std::uint8_t>(grey)))) / (2 * variance);
      });
    }
    for (std::size_t y = 0; y < labels_; ++y)
      fill(tables_->pair_costs[y], tables_->pair[y], [&](std::size_t x) {
        if (options.potts) return x == y ? 0 : options.smoothing;
        return options.smoothing * std::min(std::abs(level(x) - level(y)), options.jump) / 10;
      });
  }

  std::size_t labels() const { return labels_; }
  double level(std::size_t x) const { return 255.0 * static_cast<double>(x) / static_cast<double>(labels_ - 1); }
  /// The label whose level is nearest.
  std::size_t nearest(std::uint8_t grey) const {
    return static_cast<std::size_t>(std::lround(grey * static_cast<double>(labels_ - 1) / 255));
  }

  void own(const Vertex& v, Labels& potentials) const { potentials = tables_->own[seen_[v.index]]; }
  void pass(bool, double, const Labels& in, Labels& out) const {
    out = {};
    for (std::size_t x = 0; x < labels_; ++x)
      for (std::size_t y = 0; y < kMostLabels; ++y) out[y] += in[x] * tables_->pair[x][y];
  }

  void add_own(const Vertex& v, Costs& costs) const { add(tables_->own_costs[seen_[v.index]], costs); }
  void add_pair(bool, double, std::size_t other, Costs& costs) const { add(tables_->pair_costs[other], costs); }
  std::size_t first(const Vertex& v) const { return nearest(seen_[v.index]); }

  /// The grey of a pixel whose labels have these weights: the mean of the levels, or that of the heaviest.
  template <class T>
  std::uint8_t grey(const std::array<T, kMostLabels>& weights, bool mean) const {
    if (!mean) {
      const auto heaviest = std::max_element(weights.begin(), weights.begin() + static_cast<std::ptrdiff_t>(labels_));
      return static_cast<std::uint8_t>(std::lround(level(static_cast<std::size_t>(heaviest - weights.begin()))));
    }
    double sum = 0, all = 0;
    for (std::size_t x = 0; x < labels_; ++x) {
      sum += static_cast<double>(weights[x]) * level(x);
      all += static_cast<double>(weights[x]);
    }
    return static_cast<std::uint8_t>(std::lround(std::clamp(sum / all, 0.0, 255.0)));
  }

 private:
  struct Tables {
    std::array<Costs, 256> own_costs{};
    std::array<Labels, 256> own{};
    std::array<Costs, kMostLabels> pair_costs{};
    std::array<Labels, kMostLabels> pair{};
  };
  // What costs more is as good as impossible, and no smaller number is worth to be reckoned with.
  static constexpr double kMostCost = 40;

  template <class Cost>
  void fill(Costs& costs, Labels& potentials, const Cost& cost) const {
    for (std::size_t x = 0; x < labels_; ++x) {
      costs[x] = cost_units(std::min(cost(x), kMostCost));
      potentials[x] = static_cast<float>(std::exp(-kCostUnit * static_cast<double>(costs[x])));
    }
  }
  static void add(const Costs& more, Costs& costs) {
    for (std::size_t x = 0; x < kMostLabels; ++x) costs[x] += more[x];
  }

  const std::uint8_t* seen_;
  std::size_t labels_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace gasket
