#pragma once
// The edges that neighbourhood expansion walks, in rows: those between two low vertices. Hubs, of a degree far above the
// average, have no rows, and low vertices only know how many of their edges lead to hubs.

#include <algorithm>
#include <span>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/bitmap.hpp"
#include "partition/prefetch.hpp"
#include "partition/types.hpp"

namespace gasket {

/// Lists of pairs (source, target).
using EdgePairs = std::vector<std::span<const std::uint32_t>>;

class ExpansionRows {
 public:
  using Vertex = std::uint32_t;

  /// A hub has more than `hub_factor` times the average degree, and more than 32. `degrees` count self loops twice.
  /// 16 bytes per vertex and 8 per edge between low ones, 4 per other edge of a low one.
  ExpansionRows(const EdgePairs& pairs, std::span<const std::uint32_t> degrees, double hub_factor)
      : rows_(degrees.size()), is_hub_(degrees.size()) {
    double ends = 0;
    for (const std::uint32_t degree : degrees) ends += degree;
    const auto most =
        static_cast<std::uint32_t>(std::clamp(hub_factor * ends / static_cast<double>(degrees.size()), 32.0, 1e9));
    std::uint64_t at = 0;
    for (std::size_t v = 0; v < degrees.size(); ++v) {
      rows_[v].begin = at;
      if (degrees[v] > most) {
        is_hub_.insert(static_cast<Vertex>(v));
        hubs_.push_back(static_cast<Vertex>(v));
        continue;
      }
      rows_[v].outside = degrees[v];
      longest_ = std::max(longest_, degrees[v]);
      at += degrees[v];
    }
    neighbours_ = BigArray<Vertex>(at);
    for (const auto list : pairs) fill(list);
  }

  std::size_t vertices() const { return rows_.size(); }
  /// The low neighbours that edges lead to which no part has yet.
  std::span<Vertex> operator[](Vertex v) { return {neighbours_.data() + rows_[v].begin, rows_[v].length}; }
  void shorten(Vertex v, std::uint32_t length) { rows_[v].length = length; }
  /// The edges that no part has yet, those to hubs too; of a hub 0.
  std::uint32_t& outside(Vertex v) { return rows_[v].outside; }
  std::uint32_t outside(Vertex v) const { return rows_[v].outside; }
  std::uint32_t longest() const { return longest_; }
  std::span<const Vertex> hubs() const { return hubs_; }
  /// Edges with a low end.
  EdgeCount low_edges() const { return low_edges_; }

  void prefetch(Vertex v) const { prefetch_to_write(&rows_[v]); }
  void prefetch_neighbours(Vertex v) const {
    const Vertex* const row = neighbours_.data() + rows_[v].begin;
    prefetch_to_write(row);
    if (rows_[v].length > 16) prefetch_to_write(row + 16);
    if (rows_[v].length > 32) prefetch_to_write(row + 32);
  }

 private:
  struct Row {
    std::uint64_t begin;
    std::uint32_t length;
    std::uint32_t outside;
  };

  // Edges without hubs are picked out a block at a time, without a branch that would be guessed wrong, so that only rows
  // that will be written are fetched.
  void fill(std::span<const std::uint32_t> list) {
    constexpr std::size_t block = 4096;
    Vertex ends[block + 2];
    for (std::size_t begin = 0; begin < list.size(); begin += block) {
      const std::size_t end = std::min(begin + block, list.size());
      std::size_t picked = 0;
      for (std::size_t i = begin; i < end; i += 2) {
        const bool source_hub = is_hub_.contains(list[i]), target_hub = is_hub_.contains(list[i + 1]);
        ends[picked] = list[i];
        ends[picked + 1] = list[i + 1];
        picked += 2 * !(source_hub | target_hub);
        low_edges_ += !(source_hub & target_hub);
      }
      append({ends, picked});
    }
  }
  void append(std::span<const Vertex> ends) {
    constexpr std::size_t ahead = 64;
    for (std::size_t i = 0; i < std::min(ahead, ends.size()); ++i) prefetch(ends[i]);
    for (std::size_t i = 0; i < ends.size(); i += 2) {
      for (const std::size_t k : {i, i + 1}) {
        if (k + ahead < ends.size()) prefetch(ends[k + ahead]);
        if (k + ahead / 2 >= ends.size()) continue;
        const Row& row = rows_[ends[k + ahead / 2]];
        prefetch_to_write(neighbours_.data() + row.begin + row.length);
      }
      add(ends[i], ends[i + 1]);
      if (ends[i] != ends[i + 1])
        add(ends[i + 1], ends[i]);
      else
        --rows_[ends[i]].outside;
    }
  }
  void add(Vertex v, Vertex neighbour) {
    Row& row = rows_[v];
    neighbours_[row.begin + row.length++] = neighbour;
  }

  BigArray<Row> rows_;
  BigArray<Vertex> neighbours_;
  Bitmap is_hub_;
  std::vector<Vertex> hubs_;
  EdgeCount low_edges_ = 0;
  std::uint32_t longest_ = 0;
};

}  // namespace gasket
