#pragma once
// The external ids of all vertices, spread over the ranks: how results get back the names that the input gave.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "partition/big_array.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/graph/name_list.hpp"
#include "partition/types.hpp"

namespace gasket {

/// Ids as texts.
class IdTexts {
 public:
  IdTexts(BigArray<ExternalId> numbers, NameList names) : numbers_(std::move(numbers)), names_(std::move(names)) {}

  std::size_t size() const { return std::max(numbers_.size(), names_.size()); }
  void append(fmt::memory_buffer& text, std::size_t i) const {
    if (numbers_.empty()) {
      const std::string_view name = names_[i];
      text.append(name.data(), name.data() + name.size());
    } else {
      fmt::format_to(fmt::appender(text), "{}", numbers_[i]);
    }
  }
  std::string operator[](std::size_t i) const {
    fmt::memory_buffer text;
    append(text, i);
    return fmt::to_string(text);
  }

 private:
  BigArray<ExternalId> numbers_;  // empty when ids are strings
  NameList names_;
};

class VertexIds {
 public:
  VertexIds() = default;
  /// External ids are 0 .. vertices-1: nothing is stored.
  static VertexIds dense(GlobalId vertices) { return consecutive(0, vertices); }
  /// They are first .. first + vertices - 1: nothing is stored.
  static VertexIds consecutive(ExternalId first, GlobalId vertices);
  /// This rank holds the external ids of the vertices begins[rank] .. begins[rank + 1]-1, ascending.
  static VertexIds sparse(std::vector<GlobalId> begins, BigArray<ExternalId> slice);

  /// They are strings: external ids are then global ids, and this rank holds the strings of the vertices begins[rank] ..
  /// begins[rank + 1] - 1, ascending by bytes.
  static VertexIds named(std::vector<GlobalId> begins, NameList names);

  GlobalId count() const { return count_; }
  bool are_names() const { return !name_begins_.empty(); }
  /// The strings that this rank holds, ascending; ranks follow each other. Empty when ids are numbers.
  const NameList& held_names() const { return names_; }
  /// Whether external ids are global ids.
  bool is_dense() const { return begins_.empty() && first_ == 0; }
  /// Set when they follow one another: the first.
  std::optional<ExternalId> first() const { return begins_.empty() ? std::optional(first_) : std::nullopt; }

  /// The external ids of any vertices. Collective; each rank may ask for others. 16 bytes per asked id in all.
  BigArray<ExternalId> external(Communicator& comm, std::span<const GlobalId> vertices) const;
  /// The vertex of an external id, if there is one. Collective; all ranks ask for the same.
  std::optional<GlobalId> find(Communicator& comm, ExternalId id) const;
  /// The same by the id's text: a string, or a number in digits.
  std::optional<GlobalId> find(Communicator& comm, std::string_view text) const;
  /// The vertices of many strings, count() where there is none; only where ids are strings. Collective; all ranks ask for
  /// the same.
  std::vector<GlobalId> find_all(Communicator& comm, const NameList& names) const;
  /// The ids of any vertices as the input wrote them. Collective; each rank may ask for others.
  IdTexts texts(Communicator& comm, std::span<const GlobalId> vertices) const;

 private:
  GlobalId count_ = 0;
  ExternalId first_ = 0;          // when they follow one another
  std::vector<GlobalId> begins_;  // ranks + 1 entries; empty when they follow one another
  BigArray<ExternalId> slice_;
  std::vector<GlobalId> name_begins_;  // ranks + 1 entries; empty when ids are numbers
  NameList names_;
};

}  // namespace gasket
