package knowledge

// Safety is what the content says about danger signs: the cards to show, and
// how to tell that a message speaks of one.
type Safety struct {
	Cards []Card `yaml:"cards"`
}

func (l *loader) addSafety(file string, s Safety) {
	l.base.safety.Cards = append(l.base.safety.Cards, s.Cards...)
}
