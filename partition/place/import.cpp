// Parts from a file: what METIS and its kin write (one part per line, the line of a vertex being its number from 0 on),
// or what gasket partition --save-parts writes (after a line that begins with #, one edge per line: source, target,
// part). Vertices are numbered from 0 on in ascending order of their ids; that is the id itself where ids are 0 .. n-1.
// Every rank reads the whole file; O(log edges) per edge, and 12 bytes per edge of the file on every rank, or 2 per vertex.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>

#include "partition/io/text/input_file.hpp"
#include "partition/place/assigned_edges.hpp"
#include "partition/place/owned_vertices.hpp"
#include "partition/place/strategies.hpp"
#include "partition/place/vertex_rows.hpp"

namespace gasket {
namespace {

struct Entry {
  std::uint32_t source, target, part;
  auto operator<=>(const Entry&) const = default;
};

struct PartFile {
  std::vector<std::uint16_t> owners;  // one of the two is used
  std::vector<Entry> edges;
};

class PartReader {
 public:
  explicit PartReader(const PlacementInput& input) : input_(input), path_(input.argument) {
    const text::InputFile checked(path_, "parts of vertices or edges");
    file_.open(path_);
  }

  PartFile read() {
    PartFile result;
    std::size_t columns = 0;
    std::uint64_t numbers[3];
    while (std::getline(file_, line_)) {
      ++number_;
      if (line_.starts_with('#')) {
        check_header();
        continue;
      }
      const std::size_t found = parse(numbers);
      if (found == 0) continue;
      if (columns == 0) columns = found;
      if (found != columns || columns == 2) refuse("expected `part`, or `source target part`, on every line alike");
      if (numbers[columns - 1] >= input_.parts)
        refuse(fmt::format("part {} is not one of the {} parts 0 .. {}", numbers[columns - 1], input_.parts,
                           input_.parts - 1));
      if (columns == 1) {
        if (result.owners.size() == input_.vertices)
          refuse(fmt::format("the graph has only {} vertices: is this another graph's file?", input_.vertices));
        result.owners.push_back(static_cast<std::uint16_t>(numbers[0]));
      } else {
        if (std::max(numbers[0], numbers[1]) >= input_.vertices)
          refuse(fmt::format("the graph has only {} vertices: is this another graph's file?", input_.vertices));
        result.edges.push_back({static_cast<std::uint32_t>(numbers[0]), static_cast<std::uint32_t>(numbers[1]),
                                static_cast<std::uint32_t>(numbers[2])});
      }
    }
    if (file_.bad()) throw InputError(fmt::format("{}: cannot be read", path_));
    if (columns != 3 && result.owners.size() != input_.vertices)
      throw InputError(fmt::format("{}: has parts for {} vertices, but the graph has {}: too short, or another graph's",
                                   path_, result.owners.size(), input_.vertices));
    std::ranges::sort(result.edges);
    return result;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    InputError error(fmt::format("{}:{}: {}", path_, number_, why));
    error.set_place(number_);
    throw error;
  }
  // "# gasket parts: vertices N parts K"; files of others begin with none
  void check_header() const {
    constexpr std::string_view start = "# gasket parts: vertices ";
    if (!line_.starts_with(start)) return;
    std::uint64_t vertices = 0, parts = 0;
    constexpr std::string_view between = " parts ";
    const char* const end = line_.data() + line_.size();
    const char* const at = std::from_chars(line_.data() + start.size(), end, vertices).ptr;
    if (std::string_view(at, end).starts_with(between)) std::from_chars(at + between.size(), end, parts);
    if (vertices != input_.vertices)
      refuse(fmt::format("made for a graph of {} vertices, but this one has {}", vertices, input_.vertices));
    if (parts > input_.parts) refuse(fmt::format("made for {} parts, but there are only {} here", parts, input_.parts));
  }
  // How many numbers stand in the line, at most 3.
  std::size_t parse(std::uint64_t (&numbers)[3]) const {
    const char* at = line_.data();
    const char* const end = at + line_.size();
    for (std::size_t found = 0;; ++found) {
      while (at != end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
      if (at == end) return found;
      if (found == 3) refuse("more than three numbers");
      const auto [next, error] = std::from_chars(at, end, numbers[found]);
      if (error != std::errc()) refuse("expected a number");
      at = next;
    }
  }

  const PlacementInput& input_;
  std::string path_;
  std::ifstream file_;
  std::string line_;
  std::uint64_t number_ = 0;
};

std::vector<Entry>::const_iterator find(const std::vector<Entry>& edges, GlobalId source, GlobalId target) {
  const Entry wanted{static_cast<std::uint32_t>(source), static_cast<std::uint32_t>(target), 0};
  const auto found = std::ranges::lower_bound(edges, wanted);
  const bool there = found != edges.end() && found->source == wanted.source && found->target == wanted.target;
  return there ? found : edges.end();
}

}  // namespace

PlacingMemory memory_of_import(std::string_view path) {
  std::ifstream file;
  if (std::filesystem::is_regular_file(path)) file.open(std::string(path));  // who reads the parts refuses all else
  std::string line;
  while (std::getline(file, line))
    if (line.find_first_not_of(" \t\r") != std::string::npos && !line.starts_with('#')) break;
  const std::size_t first = line.find_first_not_of(" \t\r");
  const bool of_edges = first != std::string::npos && line.find_first_of(" \t", first) != std::string::npos &&
                        line.find_first_not_of(" \t\r", line.find_first_of(" \t", first)) != std::string::npos;
  // A list of edges is half as long again while it grows.
  return of_edges ? PlacingMemory{.edge = 2, .listed_edge = 18} : PlacingMemory{.vertex = 4};
}

std::unique_ptr<Placement> make_import_placement(const PlacementInput& input) {
  refuse_wide(input);
  PartFile file;
  EdgeParts parts(input.edges);
  input.comm->agree([&] {
    file = PartReader(input).read();
    if (!file.owners.empty() || input.vertices == 0) return;
    for (std::size_t c = 0; c < input.edges.size(); ++c)
      input.edges[c].for_each([&](GlobalId source, GlobalId target, std::size_t i) {
        auto found = find(file.edges, source, target);
        if (found == file.edges.end() && input.undirected) found = find(file.edges, target, source);
        if (found == file.edges.end())
          throw InputError(
              fmt::format("{}: has no part for the edge between vertices number {} and {}: too short, or "
                          "another graph's",
                          input.argument, source, target));
        parts.at(c, i) = static_cast<std::uint16_t>(found->part);
      });
  });
  if (!file.owners.empty())
    return std::make_unique<OwnedVertices>(BigArray<std::uint16_t>(std::span<const std::uint16_t>(file.owners)));
  return std::make_unique<AssignedEdges>(input, std::move(parts));
}

}  // namespace gasket
