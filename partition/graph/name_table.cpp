#include "partition/graph/name_table.hpp"

#include <xxhash.h>

#include <algorithm>
#include <limits>

#include "partition/error.hpp"

namespace gasket {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;

std::uint64_t hash_of(std::string_view name) { return XXH3_64bits(name.data(), name.size()); }

}  // namespace

NameTable::NameTable() = default;
NameTable::~NameTable() = default;

std::string_view NameTable::keep(Part& part, std::string_view name) {
  if (name.size() > part.room - part.used) {
    part.room = std::max(kPiece, name.size());
    part.used = 0;
    part.memory.push_back(std::make_unique_for_overwrite<char[]>(part.room));
  }
  char* const place = part.memory.back().get() + part.used;
  std::ranges::copy(name, place);
  part.used += name.size();
  return {place, name.size()};
}

void NameTable::grow(Part& part) {
  part.slots.assign(std::max<std::size_t>(64, 2 * part.slots.size()), 0);
  const std::size_t mask = part.slots.size() - 1;
  for (std::uint32_t i = 0; i < part.names.size(); ++i) {
    std::size_t slot = hash_of(part.names[i]) / kParts & mask;
    while (part.slots[slot] != 0) slot = (slot + 1) & mask;
    part.slots[slot] = i + 1;
  }
}

std::uint32_t NameTable::intern(std::string_view name) {
  const std::uint64_t hash = hash_of(name);
  const auto p = static_cast<std::uint32_t>(hash % kParts);
  Part& part = parts_[p];
  const std::lock_guard lock(part.guard);
  if (part.slots.size() < 2 * (part.names.size() + 1)) grow(part);
  const std::size_t mask = part.slots.size() - 1;
  std::size_t slot = hash / kParts & mask;
  for (; part.slots[slot] != 0; slot = (slot + 1) & mask)
    if (part.names[part.slots[slot] - 1] == name) return (part.slots[slot] - 1) * kParts + p;
  if (part.names.size() >= std::numeric_limits<std::uint32_t>::max() / kParts)
    throw ResourceError("more than 2^32 strings as ids on one rank; use more ranks");
  part.names.push_back(keep(part, name));
  part.slots[slot] = static_cast<std::uint32_t>(part.names.size());
  return (part.slots[slot] - 1) * kParts + p;
}

std::size_t NameTable::size() const {
  std::size_t names = 0;
  for (const Part& part : parts_) names += part.names.size();
  return names;
}

std::size_t NameTable::numbers() const {
  std::size_t most = 0;
  for (const Part& part : parts_) most = std::max(most, part.names.size());
  return most * kParts;
}

void NameTable::clear() {
  for (Part& part : parts_) {
    part.names = {};
    part.slots = {};
    part.memory.clear();
    part.used = part.room = 0;
  }
}

}  // namespace gasket
