#pragma once
// A set of atoms per vertex, most of them of one or two: 8 bytes each, and beside them 2 to 4 bytes per atom for vertices
// in more than two.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "partition/atoms/index.hpp"
#include "partition/big_array.hpp"
#include "partition/error.hpp"

namespace gasket {

class AtomSets {
 public:
  using Atom = std::uint16_t;
  static_assert(kMostAtoms <= std::numeric_limits<Atom>::max());

  explicit AtomSets(std::size_t vertices) : sets_(vertices) {}

  std::size_t size() const { return sets_.size(); }
  /// Ascending. Until the set is inserted into.
  std::span<const Atom> operator[](std::size_t v) const {
    const Set& set = sets_[v];
    return {set.count <= 2 ? set.few : block(set.place()), set.count};
  }
  /// False when it is there already.
  bool insert(std::size_t v, AtomId atom) {
    const std::span<const Atom> before = (*this)[v];
    const auto at = static_cast<std::size_t>(std::ranges::lower_bound(before, atom) - before.begin());
    if (at < before.size() && before[at] == atom) return false;
    Set& set = sets_[v];
    if (set.count == 2)
      move(set, take(kLeast));
    else if (set.count > 2 && std::has_single_bit(set.count) && set.count >= kUnit)
      grow(set);
    Atom* const atoms = set.count < 2 ? set.few : block(set.place());
    std::copy_backward(atoms + at, atoms + set.count, atoms + set.count + 1);
    atoms[at] = static_cast<Atom>(atom);
    ++set.count;
    return true;
  }

  bool at_home(std::size_t v) const { return sets_[v].at_home != 0; }
  void set_at_home(std::size_t v) { sets_[v].at_home = 1; }

 private:
  static constexpr std::size_t kUnit = 4;  // atoms; blocks have a power of two of them
  static constexpr std::size_t kLeast = 0, kClasses = 16;
  static constexpr std::size_t kPieceUnits = std::size_t{1} << 18;

  struct Set {
    Atom few[2];  // the atoms themselves, or the unit where their block begins
    std::uint16_t count;
    std::uint16_t at_home;

    std::uint32_t place() const { return few[0] | std::uint32_t{few[1]} << 16; }
    void set_place(std::uint32_t place) {
      few[0] = static_cast<Atom>(place);
      few[1] = static_cast<Atom>(place >> 16);
    }
  };
  static_assert(sizeof(Set) == 8);

  Atom* block(std::uint32_t place) const { return pieces_[place / kPieceUnits].get() + place % kPieceUnits * kUnit; }
  // A block of 2^size units.
  std::uint32_t take(std::size_t size) {
    if (!free_[size].empty()) {
      const std::uint32_t place = free_[size].back();
      free_[size].pop_back();
      return place;
    }
    const std::size_t units = std::size_t{1} << size;
    if (used_ % kPieceUnits + units > kPieceUnits) used_ = (used_ / kPieceUnits + 1) * kPieceUnits;
    if (used_ + units > std::numeric_limits<std::uint32_t>::max())
      throw ResourceError("more vertices in many atoms than one append can take; append fewer edges at a time");
    if (used_ / kPieceUnits == pieces_.size())
      pieces_.push_back(std::make_unique_for_overwrite<Atom[]>(kPieceUnits * kUnit));
    return static_cast<std::uint32_t>(std::exchange(used_, used_ + units));
  }
  void move(Set& set, std::uint32_t place) {
    const Atom* const from = set.count <= 2 ? set.few : block(set.place());
    std::copy(from, from + set.count, block(place));
    set.set_place(place);
  }
  void grow(Set& set) {
    const auto size = static_cast<std::size_t>(std::countr_zero(set.count / static_cast<unsigned>(kUnit)));
    const std::uint32_t old = set.place();
    move(set, take(size + 1));
    free_[size].push_back(old);
  }

  BigArray<Set> sets_;
  std::vector<std::unique_ptr<Atom[]>> pieces_;
  std::uint64_t used_ = 0;  // units
  std::array<std::vector<std::uint32_t>, kClasses> free_;
};

}  // namespace gasket
