#pragma once
// A strategy of one's own: a struct that says where an edge goes and who masters a vertex.
//
//   struct ByRange {
//     explicit ByRange(const gasket::PlacementInput& input) : parts(input.parts), vertices(input.vertices) {}
//     gasket::PartId edge(gasket::GlobalId, gasket::GlobalId target) const { return master(target); }
//     gasket::PartId master(gasket::GlobalId v) const { return static_cast<gasket::PartId>(v * parts / vertices); }
//     gasket::PartId parts;
//     gasket::GlobalId vertices;
//   };
//   ... gasket::load_graph(comm, *source, {.strategy = &gasket::own_strategy<ByRange>});
//
// All ranks make the struct together, so its constructor may look at this rank's edges, and talk. Members that may be
// there besides:
//   static constexpr gasket::DegreesWanted degrees  which degrees PlacementInput shall hold
//   static constexpr bool symmetric                 an edge and its reverse always go to the same part
//   static constexpr bool masters_follow_edges      a vertex is mastered by one of the parts that hold edges of it

#include <fmt/format.h>

#include <concepts>

#include "partition/error.hpp"
#include "partition/place/placement.hpp"

namespace gasket {

template <class Rule>
concept PlacementRule = std::constructible_from<Rule, const PlacementInput&> &&
    requires(const Rule& rule, GlobalId vertex) {
  { rule.edge(vertex, vertex) } -> std::convertible_to<PartId>;
  { rule.master(vertex) } -> std::convertible_to<PartId>;
};

template <PlacementRule Rule>
class RulePlacement final : public Placement {
 public:
  explicit RulePlacement(const PlacementInput& input) : rule_(input), parts_(input.parts) {}

  bool symmetric() const override {
    if constexpr (requires { Rule::symmetric; }) return Rule::symmetric;
    return false;
  }
  void place(const EdgeChunk& chunk, std::size_t, std::span<PartId> parts) const override {
    chunk.for_each(
        [&](GlobalId source, GlobalId target, std::size_t i) { parts[i] = checked(rule_.edge(source, target)); });
  }
  void masters(GlobalId first, std::span<PartId> parts) const override {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = checked(rule_.master(first + i));
  }
  bool masters_follow_edges() const override {
    if constexpr (requires { Rule::masters_follow_edges; }) return Rule::masters_follow_edges;
    return false;
  }

 private:
  PartId checked(PartId part) const {
    if (part >= parts_)
      throw Error(ExitCode::failure, fmt::format("a placement of one's own names part {} of {}", part, parts_));
    return part;
  }

  Rule rule_;
  PartId parts_;
};

namespace detail {
template <class Rule>
constexpr DegreesWanted degrees_of_rule() {
  if constexpr (requires { Rule::degrees; }) return Rule::degrees;
  return DegreesWanted::none;
}
}  // namespace detail

/// For LoadOptions::strategy.
template <PlacementRule Rule>
inline constexpr PlacementInfo own_strategy = {.name = "own",
                                               .summary = "a strategy of one's own",
                                               .degrees = detail::degrees_of_rule<Rule>(),
                                               .make = [](const PlacementInput& input) -> std::unique_ptr<Placement> {
                                                 return std::make_unique<RulePlacement<Rule>>(input);
                                               }};

}  // namespace gasket
