#include "partition/graph/number_names.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "partition/parallel.hpp"

namespace gasket {
namespace {

// A string of the table and its number there.
struct Entry {
  const char* data;
  std::uint32_t length;
  std::uint32_t number;

  std::string_view name() const { return {data, length}; }
};

BigArray<Entry> sorted_entries(const NameTable& table) {
  BigArray<Entry> entries(table.size());
  std::size_t at = 0;
  table.for_each([&](std::uint32_t number, std::string_view name) {
    entries[at++] = {name.data(), static_cast<std::uint32_t>(name.size()), number};
  });
  parallel::sort(entries.span(), [](const Entry& a, const Entry& b) { return a.name() < b.name(); });
  return entries;
}

NameList list_of(std::span<const Entry> entries) {
  std::size_t bytes = 0;
  for (const Entry& entry : entries) bytes += entry.length;
  NameList list(entries.size(), bytes);
  for (const Entry& entry : entries) list.add(entry.name());
  return list;
}

// Sends a list to one rank and takes that of another. Collective, in steps that pair all ranks.
NameList swap_lists(Communicator& comm, int to, int from, const NameList& mine) {
  BigArray<std::uint64_t> lengths(mine.size());
  for (std::size_t i = 0; i < mine.size(); ++i) lengths[i] = mine.length(i);
  const std::uint64_t sizes[] = {mine.size(), mine.bytes().size()};
  std::uint64_t theirs[2];
  {
    Pending messages[] = {comm.receive(from, Tag::exchange, std::span<std::uint64_t>(theirs)),
                          comm.send(to, Tag::exchange, std::span<const std::uint64_t>(sizes))};
    comm.wait_all(messages);
  }
  BigArray<std::uint64_t> their_lengths(theirs[0]);
  BigArray<char> bytes(theirs[1]);
  Pending messages[] = {comm.receive(from, Tag::exchange, their_lengths.span()),
                        comm.receive(from, Tag::exchange, bytes.span()),
                        comm.send(to, Tag::exchange, std::span<const std::uint64_t>(lengths.span())),
                        comm.send(to, Tag::exchange, mine.bytes())};
  comm.wait_all(messages);
  return NameList(their_lengths.span(), std::move(bytes));
}

// Visits the union of two ascending lists.
template <class Visit>
void for_each_of_union(const NameList& a, const NameList& b, const Visit& visit) {
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const int order = i == a.size() ? 1 : j == b.size() ? -1 : a[i].compare(b[j]);
    visit(order <= 0 ? a[i] : b[j]);
    i += order <= 0 ? 1 : 0;
    j += order >= 0 ? 1 : 0;
  }
}

NameList merged(const NameList& a, const NameList& b) {
  std::size_t names = 0, bytes = 0;
  for_each_of_union(a, b, [&](std::string_view name) {
    ++names;
    bytes += name.size();
  });
  NameList both(names, bytes);
  for_each_of_union(a, b, [&](std::string_view name) { both.add(name); });
  return both;
}

// Where the interval of each rank begins among the ascending entries; one more at the end.
std::vector<std::size_t> cut(Communicator& comm, const BigArray<Entry>& entries) {
  constexpr std::size_t kSamples = 64;
  std::vector<char> mine;
  const std::size_t count = std::min(kSamples, entries.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = entries[entries.size() * i / count].name();
    const std::uint64_t length = name.size();
    const char* const bytes = reinterpret_cast<const char*>(&length);
    mine.insert(mine.end(), bytes, bytes + sizeof length);
    mine.insert(mine.end(), name.begin(), name.end());
  }
  const std::vector<char> all = comm.all_gather_spans(std::span<const char>(mine));
  std::vector<std::string_view> samples;
  for (std::size_t at = 0; at < all.size();) {
    std::uint64_t length;
    std::memcpy(&length, all.data() + at, sizeof length);
    samples.emplace_back(all.data() + at + sizeof length, length);
    at += sizeof length + length;
  }
  std::ranges::sort(samples);
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::size_t> begins{0};
  for (std::size_t r = 1; r < ranks; ++r) {
    const std::string_view limit = samples.empty() ? std::string_view() : samples[samples.size() * r / ranks];
    begins.push_back(static_cast<std::size_t>(
        std::lower_bound(entries.begin(), entries.end(), limit,
                         [](const Entry& entry, std::string_view name) { return entry.name() < name; }) -
        entries.begin()));
  }
  begins.push_back(entries.size());
  return begins;
}

}  // namespace

NumberedNames number_names(Communicator& comm, NameTable& table) {
  NumberedNames result;
  const BigArray<Entry> entries = sorted_entries(table);
  const std::vector<std::size_t> begins = cut(comm, entries);
  const int ranks = comm.size(), me = comm.rank();
  const auto bucket = [&](int r) {
    const auto i = static_cast<std::size_t>(r);
    return entries.span().subspan(begins[i], begins[i + 1] - begins[i]);
  };
  for (int step = 0; step < ranks; ++step) {
    const int to = (me + step) % ranks, from = (me - step + ranks) % ranks;
    NameList mine = list_of(bucket(to));
    NameList incoming = to == me ? std::move(mine) : swap_lists(comm, to, from, mine);
    result.owned = result.owned.size() == 0 ? std::move(incoming) : merged(result.owned, incoming);
  }
  result.begins = {0};
  for (const std::uint64_t count : comm.all_gather<std::uint64_t>(result.owned.size()))
    result.begins.push_back(result.begins.back() + count);
  const GlobalId first = result.begins[static_cast<std::size_t>(me)];

  result.numbers = BigArray<GlobalId>(table.numbers());
  for (int step = 0; step < ranks; ++step) {
    const int to = (me + step) % ranks, from = (me - step + ranks) % ranks;
    const std::span<const Entry> asked = bucket(to);
    NameList mine = list_of(asked);
    const NameList theirs = to == me ? std::move(mine) : swap_lists(comm, to, from, mine);
    BigArray<GlobalId> answers(theirs.size());
    for (std::size_t i = 0, at = 0; i < theirs.size(); ++i) {
      while (result.owned[at] != theirs[i]) ++at;
      answers[i] = first + at;
    }
    BigArray<GlobalId> numbers(asked.size());
    if (to == me) {
      numbers = std::move(answers);
    } else {
      Pending messages[] = {comm.receive(to, Tag::exchange, numbers.span()),
                            comm.send(from, Tag::exchange, std::span<const GlobalId>(answers.span()))};
      comm.wait_all(messages);
    }
    for (std::size_t i = 0; i < asked.size(); ++i) result.numbers[asked[i].number] = numbers[i];
  }
  table.clear();
  return result;
}

}  // namespace gasket
