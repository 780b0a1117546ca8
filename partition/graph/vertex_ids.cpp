#include "partition/graph/vertex_ids.hpp"

#include <algorithm>
#include <charconv>

#include "partition/comm/exchange.hpp"

namespace gasket {
namespace {

// Whom to ask about which vertices, when every rank holds a slice of them.
class HolderOrder {
 public:
  HolderOrder(const std::vector<GlobalId>& begins, std::span<const GlobalId> vertices)
      : begins_(begins), sizes_(begins.size() - 1) {
    for (const GlobalId v : vertices) ++sizes_[holder(v)];
  }
  std::size_t holder(GlobalId v) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(begins_, v) - begins_.begin()) - 1;
  }
  std::vector<BigArray<std::uint64_t>> questions(std::span<const GlobalId> vertices) const {
    std::vector<BigArray<std::uint64_t>> asked;
    for (const std::size_t size : sizes_) asked.emplace_back(size);
    std::vector<std::size_t> filled(sizes_.size());
    for (const GlobalId v : vertices) {
      const std::size_t r = holder(v);
      asked[r][filled[r]++] = v;
    }
    return asked;
  }

 private:
  const std::vector<GlobalId>& begins_;
  std::vector<std::size_t> sizes_;
};

}  // namespace

VertexIds VertexIds::consecutive(ExternalId first, GlobalId vertices) {
  VertexIds ids;
  ids.count_ = vertices;
  ids.first_ = first;
  return ids;
}

VertexIds VertexIds::sparse(std::vector<GlobalId> begins, BigArray<ExternalId> slice) {
  VertexIds ids;
  ids.count_ = begins.back();
  ids.begins_ = std::move(begins);
  ids.slice_ = std::move(slice);
  return ids;
}

BigArray<ExternalId> VertexIds::external(Communicator& comm, std::span<const GlobalId> vertices) const {
  BigArray<ExternalId> result{vertices};
  if (is_dense()) return result;
  if (begins_.empty()) {
    for (ExternalId& id : result) id += first_;
    return result;
  }
  const HolderOrder order(begins_, vertices);
  std::vector<BigArray<std::uint64_t>> answers = exchange(comm, order.questions(vertices));
  const GlobalId mine = begins_[static_cast<std::size_t>(comm.rank())];
  for (BigArray<std::uint64_t>& list : answers)
    for (std::uint64_t& v : list) v = slice_[v - mine];
  answers = exchange(comm, std::move(answers));
  std::vector<std::size_t> next(answers.size());
  for (ExternalId& id : result) {
    const std::size_t r = order.holder(id);
    id = answers[r][next[r]++];
  }
  return result;
}

VertexIds VertexIds::named(std::vector<GlobalId> begins, NameList names) {
  VertexIds ids = dense(begins.back());
  ids.name_begins_ = std::move(begins);
  ids.names_ = std::move(names);
  return ids;
}

IdTexts VertexIds::texts(Communicator& comm, std::span<const GlobalId> vertices) const {
  if (!are_names()) return IdTexts(external(comm, vertices), {});
  const HolderOrder order(name_begins_, vertices);
  const std::vector<BigArray<GlobalId>> asked = exchange(comm, order.questions(vertices));
  const GlobalId mine = name_begins_[static_cast<std::size_t>(comm.rank())];
  std::vector<BigArray<std::uint64_t>> lengths;
  std::vector<BigArray<char>> bytes;
  for (const BigArray<GlobalId>& list : asked) {
    std::size_t total = 0;
    for (const GlobalId v : list) total += names_.length(v - mine);
    NameList answer(list.size(), total);
    lengths.emplace_back(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      answer.add(names_[list[i] - mine]);
      lengths.back()[i] = answer.length(i);
    }
    bytes.emplace_back(answer.bytes());
  }
  const std::vector<BigArray<std::uint64_t>> their_lengths = exchange(comm, std::move(lengths));
  std::vector<BigArray<char>> their_bytes = exchange(comm, std::move(bytes));
  std::vector<NameList> answers;
  std::size_t total = 0;
  for (std::size_t r = 0; r < their_bytes.size(); ++r) {
    total += their_bytes[r].size();
    answers.emplace_back(their_lengths[r].span(), std::move(their_bytes[r]));
  }
  NameList names(vertices.size(), total);
  std::vector<std::size_t> next(answers.size());
  for (const GlobalId v : vertices) {
    const std::size_t r = order.holder(v);
    names.add(answers[r][next[r]++]);
  }
  return IdTexts({}, std::move(names));
}

std::vector<GlobalId> VertexIds::find_all(Communicator& comm, const NameList& names) const {
  std::vector<GlobalId> found(names.size(), count_);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t at = lower_bound(names_, names[i]);
    if (at < names_.size() && names_[at] == names[i])
      found[i] = name_begins_[static_cast<std::size_t>(comm.rank())] + at;
  }
  comm.all_reduce_in_place(std::span(found), [](GlobalId a, GlobalId b) { return std::min(a, b); });
  return found;
}

std::optional<GlobalId> VertexIds::find(Communicator& comm, std::string_view text) const {
  if (!are_names()) {
    ExternalId id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return find(comm, id);
  }
  const std::size_t at = lower_bound(names_, text);
  const bool here = at < names_.size() && names_[at] == text;
  const GlobalId answer = comm.min(here ? name_begins_[static_cast<std::size_t>(comm.rank())] + at : count_);
  return answer < count_ ? std::optional(answer) : std::nullopt;
}

std::optional<GlobalId> VertexIds::find(Communicator& comm, ExternalId id) const {
  if (begins_.empty()) return id - first_ < count_ ? std::optional(id - first_) : std::nullopt;
  const auto found = std::lower_bound(slice_.begin(), slice_.end(), id);
  const bool here = found != slice_.end() && *found == id;
  const GlobalId vertex =
      here ? begins_[static_cast<std::size_t>(comm.rank())] + static_cast<GlobalId>(found - slice_.begin()) : count_;
  const GlobalId answer = comm.min(vertex);
  return answer < count_ ? std::optional(answer) : std::nullopt;
}

}  // namespace gasket
