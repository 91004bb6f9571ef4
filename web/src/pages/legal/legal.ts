export interface Part {
  title: string
  text: string[]
}

export interface Legal {
  terms: Part[]
  privacy: Part[]
}
