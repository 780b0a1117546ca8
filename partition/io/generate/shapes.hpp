#pragma once
// The generators whose edge i has a formula: uniform, grid, path, star, complete. Each has vertices(), edges() and
// fill(first, pairs), which writes edges first, first+1, ... as source, target, source, target, ...

#include <cmath>

#include "partition/io/generate.hpp"
#include "partition/random.hpp"

namespace gasket::generate {

class Uniform {
 public:
  explicit Uniform(const GeneratorSpec& spec) : vertices_(spec.vertices), edges_(spec.edges), random_(spec.seed, 1) {}

  static constexpr bool kDirected = true;
  std::uint64_t vertices() const { return vertices_; }
  std::uint64_t edges() const { return edges_; }

  template <class Id>
  void fill(std::uint64_t first, std::span<Id> pairs) const {
    for (std::size_t e = 0; e < pairs.size() / 2; ++e) {
      const std::uint64_t source = random_below(random_(2 * (first + e)), vertices_);
      const std::uint64_t other = random_below(random_(2 * (first + e) + 1), vertices_ - 1);
      pairs[2 * e] = static_cast<Id>(source);
      pairs[2 * e + 1] = static_cast<Id>(other + (other >= source ? 1 : 0));
    }
  }

 private:
  std::uint64_t vertices_, edges_;
  RandomStream random_;
};

class Grid {
 public:
  explicit Grid(const GeneratorSpec& spec) : rows_(spec.rows), cols_(spec.cols) {}

  static constexpr bool kDirected = false;
  std::uint64_t vertices() const { return rows_ * cols_; }
  std::uint64_t edges() const { return 2 * rows_ * cols_ - rows_ - cols_; }

  // A row but the last has 2 * cols - 1 edges: right and down of each vertex in turn, the last vertex only down.
  template <class Id>
  void fill(std::uint64_t first, std::span<Id> pairs) const {
    const std::uint64_t per_row = 2 * cols_ - 1;
    std::uint64_t row = std::min(first / per_row, rows_ - 1);
    std::uint64_t at = first - row * per_row;
    for (std::size_t e = 0; e < pairs.size() / 2; ++e) {
      const bool last_row = row == rows_ - 1;
      const std::uint64_t col = last_row ? at : at / 2;
      const bool down = !last_row && (at % 2 == 1 || col == cols_ - 1);
      const std::uint64_t vertex = row * cols_ + col;
      pairs[2 * e] = static_cast<Id>(vertex);
      pairs[2 * e + 1] = static_cast<Id>(vertex + (down ? cols_ : 1));
      if (++at == per_row && !last_row) {
        at = 0;
        ++row;
      }
    }
  }

 private:
  std::uint64_t rows_, cols_;
};

class Path {
 public:
  explicit Path(const GeneratorSpec& spec) : vertices_(spec.vertices) {}

  static constexpr bool kDirected = false;
  std::uint64_t vertices() const { return vertices_; }
  std::uint64_t edges() const { return vertices_ - 1; }

  template <class Id>
  void fill(std::uint64_t first, std::span<Id> pairs) const {
    for (std::size_t e = 0; e < pairs.size() / 2; ++e) {
      pairs[2 * e] = static_cast<Id>(first + e);
      pairs[2 * e + 1] = static_cast<Id>(first + e + 1);
    }
  }

 private:
  std::uint64_t vertices_;
};

class Star {
 public:
  explicit Star(const GeneratorSpec& spec) : vertices_(spec.vertices) {}

  static constexpr bool kDirected = false;
  std::uint64_t vertices() const { return vertices_; }
  std::uint64_t edges() const { return vertices_ - 1; }

  template <class Id>
  void fill(std::uint64_t first, std::span<Id> pairs) const {
    for (std::size_t e = 0; e < pairs.size() / 2; ++e) {
      pairs[2 * e] = 0;
      pairs[2 * e + 1] = static_cast<Id>(first + e + 1);
    }
  }

 private:
  std::uint64_t vertices_;
};

class Complete {
 public:
  explicit Complete(const GeneratorSpec& spec) : vertices_(spec.vertices) {}

  static constexpr bool kDirected = false;
  std::uint64_t vertices() const { return vertices_; }
  std::uint64_t edges() const { return before(vertices_ - 1); }

  template <class Id>
  void fill(std::uint64_t first, std::span<Id> pairs) const {
    std::uint64_t source = row_of(first);
    std::uint64_t target = source + 1 + (first - before(source));
    for (std::size_t e = 0; e < pairs.size() / 2; ++e) {
      pairs[2 * e] = static_cast<Id>(source);
      pairs[2 * e + 1] = static_cast<Id>(target);
      if (++target == vertices_) {
        ++source;
        target = source + 1;
      }
    }
  }

 private:
  // Edges whose smaller end is less than `row`.
  std::uint64_t before(std::uint64_t row) const { return row * (2 * vertices_ - row - 1) / 2; }
  // The smaller end of edge i.
  std::uint64_t row_of(std::uint64_t i) const {
    std::uint64_t low = 0, high = vertices_ - 1;  // before(low) <= i < before(high)
    while (high - low > 1) {
      const std::uint64_t middle = low + (high - low) / 2;
      (before(middle) <= i ? low : high) = middle;
    }
    return low;
  }

  std::uint64_t vertices_;
};

}  // namespace gasket::generate
